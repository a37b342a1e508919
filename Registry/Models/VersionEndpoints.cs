using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Blobs;
using Sluice.Registry.Http;
using Sluice.Registry.Sources;

namespace Sluice.Registry.Models;

/// <summary>Versions over HTTP.</summary>
internal static class VersionEndpoints
{
    /// <summary>Maps the versions of models.</summary>
    public static void MapVersions(this IEndpointRouteBuilder models)
    {
        models.MapGet(ApiPaths.Versions, List).RequiresAnyKey();
        models.MapGet(ApiPaths.Version, Get).RequiresAnyKey();
        models.MapPatch(ApiPaths.Version, Patch).Requires(Scopes.Register);
        models.MapDelete(ApiPaths.Version, Delete).Requires(Scopes.Register);
        models.MapPost(ApiPaths.Versions, Register).Requires(Scopes.Register).WithMetadata(new DisableRequestSizeLimitAttribute()); // models have many gigabytes
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<ModelVersion>>, ProblemHttpResult>> List(
        string model, HttpContext context, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        if (await catalog.ListVersionsAsync(model, PageRange.Of(query), TagFilter.Of(query), cancellationToken) is not { } page)
        {
            return Problems.NoModel(model);
        }

        page.LinkNext(context);
        return TypedResults.Json(page.Items, ContractsJson.Default.IReadOnlyListModelVersion);
    }

    private static async Task<Results<JsonHttpResult<ModelVersion>, ProblemHttpResult>> Get(
        string model, string version, ModelCatalog catalog, CancellationToken cancellationToken) =>
        await catalog.FindVersionAsync(model, RouteRules.Number(version), cancellationToken) is { } found
            ? TypedResults.Json(found, ContractsJson.Default.ModelVersion)
            : Problems.NoVersion(model, version);

    private static async Task<Results<JsonHttpResult<ModelVersion>, ProblemHttpResult>> Patch(
        string model, string version, HttpContext context, VersionRecords versions, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        var patch = await FactPatch.ReadAsync(context.Request, cancellationToken);
        return await versions.DescribeAsync(model, RouteRules.Number(version), patch, context.Caller(), cancellationToken) is null
            ? Problems.NoVersion(model, version)
            : await Get(model, version, catalog, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string model, string version, HttpContext context, VersionRecords versions, CancellationToken cancellationToken) =>
        await versions.DeleteAsync(model, RouteRules.Number(version), context.Caller(), cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NoVersion(model, version);

    private static async Task<JsonHttpResult<ModelVersion>> Register(
        string model,
        HttpContext context,
        IBlobStore blobs,
        Registration registration,
        SourceRegistration sources,
        Uploads uploads,
        CancellationToken cancellationToken)
    {
        var version = context.Request.HasJsonContentType()
            ? await sources.RegisterStoredAsync(model, context, cancellationToken)
            : await RegisterUploadAsync(model, context, blobs, registration, uploads, cancellationToken);
        context.Response.Headers.Location = ApiPaths.ForVersion(version.Model, version.Version);
        return TypedResults.Json(version, ContractsJson.Default.ModelVersion, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<ModelVersion> RegisterUploadAsync(
        string model, HttpContext context, IBlobStore blobs, Registration registration, Uploads uploads, CancellationToken cancellationToken)
    {
        var progress = uploads.Begin(model, context.Request);
        try
        {
            await using var upload = await VersionUpload.ReadAsync(context.Request, blobs, progress, cancellationToken);
            var version = await registration.RegisterAsync(model, upload, context.Caller(), cancellationToken);
            progress?.Done(version.Version);
            return version;
        }
        catch (Exception exception)
        {
            progress?.Fail(exception is BadHttpRequestException ? exception.Message
                : cancellationToken.IsCancellationRequested ? "The connection was cut."
                : "The Registry failed; its log has the reason.");
            throw;
        }
    }
}
