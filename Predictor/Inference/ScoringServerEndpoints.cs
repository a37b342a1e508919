using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>What MLflow's scoring server answers beside predictions, and the greeting. Load balancers ask with HEAD as well.</summary>
internal static class ScoringServerEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapScoringServer(this WebApplication app)
    {
        app.MapMethods(InferencePaths.Ping, Methods, GetHealth);
        app.MapMethods(InferencePaths.Health, Methods, GetHealth);

        // As MLflow does it: plain text by the name of JSON.
        app.MapMethods(InferencePaths.ServerVersion, Methods, () => TypedResults.Text(MetadataEndpoints.ServerVersion, "application/json"));
        app.MapMethods(InferencePaths.Root, Methods, Greet);
    }

    // 200 with a line's end when the model, or any where none is named, can be asked; else 404, as MLflow says it.
    private static ContentHttpResult GetHealth(HttpContext context, ServedVersions served, HttpInference inference)
    {
        var model = inference.Named(context.Request.Headers);
        return served.All.Any(version => version.State == VersionState.Ready && (model is null || version.Artifact.Model == model))
            ? TypedResults.Text("\n", "application/json")
            : TypedResults.Text("\n", "application/json", statusCode: StatusCodes.Status404NotFound);
    }

    private static ContentHttpResult Greet(ServedVersions served) => TypedResults.Text(
        $"This is Sluice {MetadataEndpoints.ServerVersion}, which serves models: {served.All.Where(version => version.Loaded is not null).Select(version => version.Artifact.Model).Distinct().Count()} are ready. "
        + "POST /models/{model}/predict or /v2/models/{model}/infer; GET /v1/models lists their names.\n");
}
