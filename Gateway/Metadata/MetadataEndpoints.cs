using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Metadata;

/// <summary>What the gateway answers itself, from what it knows: health, server and model metadata, and a greeting.</summary>
internal static class MetadataEndpoints
{
    public static void MapMetadata(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", Greet);
        app.MapGet(InferencePaths.ServerMetadata, () => TypedResults.Json(ServerMetadata.OfThisServer, MetadataJson.Default.ServerMetadata));
        app.MapGet(InferencePaths.Live, () => TypedResults.Json(new Live(true), MetadataJson.Default.Live));
        app.MapGet(InferencePaths.Ready, IsReady);
        app.MapGet(InferencePaths.Model, Describe);
        app.MapGet(InferencePaths.ModelVersion, Describe);
        app.MapGet(InferencePaths.Model + InferencePaths.ReadySuffix, IsModelReady);
        app.MapGet(InferencePaths.ModelVersion + InferencePaths.ReadySuffix, IsModelReady);
    }

    private static JsonHttpResult<Greeting> Greet(Routes routes) => TypedResults.Json(Greeting.From(routes.Current), MetadataJson.Default.Greeting);

    private static JsonHttpResult<Ready> IsReady(Routes routes)
    {
        var ready = routes.Current.IsKnown;
        return TypedResults.Json(new Ready(ready), MetadataJson.Default.Ready, statusCode: StatusOf(ready));
    }

    private static IResult Describe(Routes routes, string model, string? version = null)
    {
        var refusal = Find(routes, model, version, out var route, out var chosen);
        return refusal ?? (IResult)TypedResults.Json(ModelMetadata.From(route!, chosen!), MetadataJson.Default.ModelMetadata);
    }

    private static IResult IsModelReady(Routes routes, string model, string? version = null)
    {
        var refusal = Find(routes, model, version, out _, out var chosen);
        return refusal ?? (IResult)TypedResults.Json(
            new ModelReady(model, chosen!.IsReady), MetadataJson.Default.ModelReady, statusCode: StatusOf(chosen.IsReady));
    }

    private static Refusal? Find(Routes routes, string model, string? version, out ModelRoute? route, out VersionRoute? chosen)
    {
        chosen = null;
        var table = routes.Current;
        route = table.Find(model);
        if (route is null)
        {
            return Refusal.Unknown(table, InferenceProtocol.V2, model);
        }

        if (version is null)
        {
            chosen = route.Default;
            return chosen is null ? Refusal.NoStableVersion(InferenceProtocol.V2, model) : null;
        }

        _ = int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        chosen = route.Find(number);
        return chosen is null ? Refusal.UnknownVersion(InferenceProtocol.V2, model, number) : null;
    }

    private static int StatusOf(bool ready) => ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
}
