using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>Aliases over HTTP.</summary>
internal static class AliasEndpoints
{
    /// <summary>Maps the aliases of models.</summary>
    public static void MapAliases(this IEndpointRouteBuilder models)
    {
        models.MapGet(ApiPaths.Aliases, List).RequiresAnyKey();
        models.MapGet(ApiPaths.Alias, Get).RequiresAnyKey();
        models.MapPut(ApiPaths.Alias, Put).Requires(Scopes.Register);
        models.MapDelete(ApiPaths.Alias, Delete).Requires(Scopes.Register);
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<AliasView>>, ProblemHttpResult>> List(
        string model, ModelCatalog catalog, CancellationToken cancellationToken) =>
        await catalog.FindRecordAsync(model, cancellationToken) is { } record
            ? TypedResults.Json<IReadOnlyList<AliasView>>(
                [.. record.Aliases.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new AliasView(pair.Key, pair.Value))],
                ContractsJson.Default.IReadOnlyListAliasView)
            : Problems.NoModel(model);

    private static async Task<Results<JsonHttpResult<ModelVersion>, ProblemHttpResult>> Get(
        string model, string alias, ModelCatalog catalog, CancellationToken cancellationToken)
    {
        if (await catalog.FindRecordAsync(model, cancellationToken) is not { } record)
        {
            return Problems.NoModel(model);
        }

        return record.Aliases.TryGetValue(alias, out var number) && await catalog.FindVersionAsync(model, number, cancellationToken) is { } version
            ? TypedResults.Json(version, ContractsJson.Default.ModelVersion)
            : Problems.NoAlias(model, alias);
    }

    private static async Task<Results<JsonHttpResult<AliasView>, ProblemHttpResult>> Put(
        string model, string alias, HttpContext context, AliasRecords aliases, CancellationToken cancellationToken)
    {
        var wish = await JsonBody.ReadAsync(context.Request, ModelRequestsJson.Default.SetAlias, SetAlias.Form, cancellationToken);
        return await aliases.SetAsync(model, alias, wish.Version, context.Caller(), cancellationToken) is { } isNew
            ? TypedResults.Json(
                new AliasView(alias, wish.Version), ContractsJson.Default.AliasView, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK)
            : Problems.NoModel(model);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string model, string alias, HttpContext context, AliasRecords aliases, CancellationToken cancellationToken) =>
        await aliases.DeleteAsync(model, alias, context.Caller(), cancellationToken) is not null ? TypedResults.NoContent() : Problems.NoAlias(model, alias);
}
