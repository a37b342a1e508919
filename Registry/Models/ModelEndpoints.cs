using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Blobs;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>Models and versions over HTTP.</summary>
internal static class ModelEndpoints
{
    /// <summary>Adds registration and catalog.</summary>
    public static WebApplicationBuilder AddModels(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Registration>();
        builder.Services.AddSingleton<ModelCatalog>();
        return builder;
    }

    /// <summary>Maps models and versions.</summary>
    public static void MapModels(this IEndpointRouteBuilder app)
    {
        app.MapGet(ApiPaths.Models, ListModels).RequiresAnyKey();
        app.MapGet(ApiPaths.Model, GetModel).RequiresAnyKey();
        app.MapGet(ApiPaths.Versions, ListVersions).RequiresAnyKey();
        app.MapGet(ApiPaths.Version, GetVersion).RequiresAnyKey();
        app.MapPost(ApiPaths.Versions, Register).Requires(Scopes.Register).WithMetadata(new DisableRequestSizeLimitAttribute()); // models have many gigabytes
    }

    private static async Task<JsonHttpResult<IReadOnlyList<ModelView>>> ListModels(ModelCatalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Json(await catalog.ListModelsAsync(cancellationToken), ContractsJson.Default.IReadOnlyListModelView);

    private static async Task<Results<JsonHttpResult<ModelView>, ProblemHttpResult>> GetModel(
        string model, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        return await catalog.FindModelAsync(model, cancellationToken) is { } view
            ? TypedResults.Json(view, ContractsJson.Default.ModelView)
            : Problems.NotFound($"There is no model {model}.");
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<ModelVersion>>, ProblemHttpResult>> ListVersions(
        string model, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        var versions = await catalog.ListVersionsAsync(model, cancellationToken);
        return versions.Count > 0 || await catalog.HasModelAsync(model, cancellationToken)
            ? TypedResults.Json(versions, ContractsJson.Default.IReadOnlyListModelVersion)
            : Problems.NotFound($"There is no model {model}.");
    }

    private static async Task<Results<JsonHttpResult<ModelVersion>, ProblemHttpResult>> GetVersion(
        string model, string version, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        if (!int.TryParse(version, out var number) || number < 1)
        {
            return Problems.Invalid("version", $"'{version}' is no version's number: a whole number from 1 is expected");
        }

        return await catalog.FindVersionAsync(model, number, cancellationToken) is { } found
            ? TypedResults.Json(found, ContractsJson.Default.ModelVersion)
            : Problems.NotFound($"There is no version {number} of {model}.");
    }

    private static async Task<Results<JsonHttpResult<ModelVersion>, ProblemHttpResult>> Register(
        string model, HttpContext context, IBlobStore blobs, Registration registration, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        await using var upload = await VersionUpload.ReadAsync(context.Request, blobs, cancellationToken);
        var version = await registration.RegisterAsync(model, upload, context.Caller(), cancellationToken);
        context.Response.Headers.Location = ApiPaths.ForVersion(version.Model, version.Version);
        return TypedResults.Json(version, ContractsJson.Default.ModelVersion, statusCode: StatusCodes.Status201Created);
    }
}
