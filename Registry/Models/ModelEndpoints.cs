using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>Models over HTTP.</summary>
internal static class ModelEndpoints
{
    /// <summary>Adds registration and catalog.</summary>
    public static WebApplicationBuilder AddModels(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ModelCatalog>();
        builder.Services.AddSingleton<ModelRecords>();
        builder.Services.AddSingleton<VersionRecords>();
        builder.Services.AddSingleton<AliasRecords>();
        builder.Services.AddSingleton<Registration>();
        builder.Services.AddSingleton<Uploads>();
        return builder;
    }

    /// <summary>Maps models with all that belongs to them.</summary>
    public static void MapModels(this IEndpointRouteBuilder app)
    {
        var models = app.MapGroup("").CheckRoute();
        models.MapGet(ApiPaths.Models, List).RequiresAnyKey();
        models.MapGet(ApiPaths.Model, Get).RequiresAnyKey();
        models.MapPut(ApiPaths.Model, Put).Requires(Scopes.Register);
        models.MapPatch(ApiPaths.Model, Patch).Requires(Scopes.Register);
        models.MapDelete(ApiPaths.Model, Delete).Requires(Scopes.Register);
        models.MapGet(ApiPaths.Gates, GetGates).RequiresAnyKey();
        models.MapPut(ApiPaths.Gates, PutGates).Requires(Scopes.Register);
        models.MapVersions();
        models.MapAliases();
        Uploads.Map(models);
    }

    private static async Task<JsonHttpResult<IReadOnlyList<ModelView>>> List(HttpContext context, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        var page = await catalog.ListModelsAsync(ModelQuery.Of(context.Request.Query, context.Caller()), cancellationToken);
        page.LinkNext(context);
        return TypedResults.Json(page.Items, ContractsJson.Default.IReadOnlyListModelView);
    }

    private static async Task<Results<JsonHttpResult<ModelView>, ProblemHttpResult>> Get(
        string model, ModelCatalog catalog, CancellationToken cancellationToken) =>
        await catalog.FindModelAsync(model, cancellationToken) is { } view
            ? TypedResults.Json(view, ContractsJson.Default.ModelView)
            : Problems.NoModel(model);

    private static async Task<Results<JsonHttpResult<ModelView>, ProblemHttpResult>> Put(
        string model, HttpContext context, ModelRecords models, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        var patch = await FactPatch.ReadAsync(context.Request, cancellationToken);
        var (_, isNew) = await models.EnsureAsync(model, patch, context.Caller(), cancellationToken);
        if (await catalog.FindModelAsync(model, cancellationToken) is not { } view)
        {
            return Problems.NoModel(model); // deleted in between
        }

        context.Response.Headers.Location = isNew ? ApiPaths.ForModel(model) : default;
        return TypedResults.Json(view, ContractsJson.Default.ModelView, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<Results<JsonHttpResult<ModelView>, ProblemHttpResult>> Patch(
        string model, HttpContext context, ModelRecords models, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        var patch = await FactPatch.ReadAsync(context.Request, cancellationToken);
        return await models.DescribeAsync(model, patch, context.Caller(), cancellationToken) is null
            ? Problems.NoModel(model)
            : await Get(model, catalog, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string model, HttpContext context, ModelRecords models, CancellationToken cancellationToken) =>
        await models.DeleteAsync(model, context.Caller(), cancellationToken) ? TypedResults.NoContent() : Problems.NoModel(model);

    private static async Task<Results<JsonHttpResult<IReadOnlyList<Gate>>, ProblemHttpResult>> GetGates(
        string model, ModelCatalog catalog, CancellationToken cancellationToken) =>
        await catalog.FindRecordAsync(model, cancellationToken) is { } record
            ? TypedResults.Json(record.Gates, ContractsJson.Default.IReadOnlyListGate)
            : Problems.NoModel(model);

    private static async Task<Results<JsonHttpResult<IReadOnlyList<Gate>>, ProblemHttpResult>> PutGates(
        string model, HttpContext context, ModelRecords models, CancellationToken cancellationToken)
    {
        var gates = await JsonBody.ReadAsync(context.Request, ModelRequestsJson.Default.IReadOnlyListGate, GateRules.Form, cancellationToken);
        if (GateRules.FindProblem("gates", gates) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        return await models.SetGatesAsync(model, gates, context.Caller(), cancellationToken) is { } record
            ? TypedResults.Json(record.Gates, ContractsJson.Default.IReadOnlyListGate)
            : Problems.NoModel(model);
    }
}
