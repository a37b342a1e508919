using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>What the V1 protocol tells of models.</summary>
internal static class V1Endpoints
{
    public static void MapV1Metadata(this WebApplication app)
    {
        app.MapGet(InferencePaths.V1Models, List);
        app.MapGet(InferencePaths.V1Model, GetReady);
        app.MapGet(InferencePaths.V1ModelVersion, GetReady);
        app.MapPost(InferencePaths.V1Model + InferencePaths.ExplainVerb, RefuseToExplainAsync);
    }

    private static JsonHttpResult<V1Models> List(ServedVersions served) => TypedResults.Json(
        new V1Models([.. served.All.Where(version => version.Loaded is not null).Select(version => version.Artifact.Model).Distinct().Order(StringComparer.Ordinal)]),
        V1Json.Default.V1Models);

    private static Task GetReady(HttpContext context, ServedVersions served, HttpInference inference) => MetadataEndpoints.AnswerAsync(context, () =>
    {
        var (model, version) = inference.Target(context);
        var found = served.Find(model, version);
        var ready = found.State == VersionState.Ready;
        return TypedResults.Json(
            new ModelReady(found.Artifact.Model, ready),
            MetadataJson.Default.ModelReady,
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    });

    private static Task RefuseToExplainAsync(HttpContext context) => InferenceErrors.WriteAsync(
        context, InferenceProtocol.V2, InferenceException.Client("There is no explainer: models are asked by :predict.", StatusCodes.Status404NotFound));
}

internal sealed record V1Models(IReadOnlyList<string> Models);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(V1Models))]
internal sealed partial class V1Json : JsonSerializerContext;
