using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Metadata;

/// <summary><c>GET /v1/models</c>.</summary>
/// <param name="Models">The names of those that can be asked.</param>
internal sealed record V1Models(IReadOnlyList<string> Models);

/// <summary>What the V1 protocol tells of models.</summary>
internal static class V1Endpoints
{
    public static void MapV1Metadata(this IEndpointRouteBuilder app)
    {
        var models = app.MapGroup("").RequiresKey(InferenceProtocol.V1);
        models.MapGet(InferencePaths.V1Models, List);
        models.MapMethods(InferencePaths.V1Model, MetadataEndpoints.GetOrHead, MetadataEndpoints.IsModelReady);
        models.MapMethods(InferencePaths.V1ModelVersion, MetadataEndpoints.GetOrHead, MetadataEndpoints.IsModelReady);
        app.MapPost(InferencePaths.V1Model + InferencePaths.ExplainVerb, RefuseToExplain);
    }

    private static JsonHttpResult<V1Models> List(HttpContext context, Routes routes) => TypedResults.Json(
        new V1Models([.. routes.Current.Models.Where(model => model.Default is { IsReady: true } && Caller.Of(context).Covers(model.Model)).Select(model => model.Model).Order(StringComparer.Ordinal)]),
        MetadataJson.Default.V1Models);

    private static Refusal RefuseToExplain() => Refusal.NotFound(InferenceProtocol.V1, "There is no explainer: models are asked by :predict.");
}
