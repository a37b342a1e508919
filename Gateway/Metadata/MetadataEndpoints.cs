using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Metadata;

/// <summary>What the gateway answers itself, from what it knows: health, server and model metadata, and a greeting.</summary>
internal static class MetadataEndpoints
{
    /// <summary>Load balancers ask with HEAD as well.</summary>
    public static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    public static void MapMetadata(this IEndpointRouteBuilder app)
    {
        app.MapMethods(InferencePaths.Root, GetOrHead, Greet);
        app.MapGet(InferencePaths.ServerMetadata, () => TypedResults.Json(ServerMetadata.OfThisServer, MetadataJson.Default.ServerMetadata));
        app.MapMethods(InferencePaths.Live, GetOrHead, () => TypedResults.Json(new Live(true), MetadataJson.Default.Live));
        app.MapMethods(InferencePaths.Ready, GetOrHead, IsReady);
        var models = app.MapGroup("").RequiresKey();
        models.MapGet(InferencePaths.Model, Describe);
        models.MapGet(InferencePaths.ModelVersion, Describe);
        models.MapMethods(InferencePaths.Model + InferencePaths.ReadySuffix, GetOrHead, IsModelReady);
        models.MapMethods(InferencePaths.ModelVersion + InferencePaths.ReadySuffix, GetOrHead, IsModelReady);
        app.MapGet(InferencePaths.Model + InferencePaths.StatisticsSuffix, () => NoStatistics(InferenceProtocol.V2));
        app.MapGet(InferencePaths.ModelVersion + InferencePaths.StatisticsSuffix, () => NoStatistics(InferenceProtocol.V2));
        app.MapGet(InferencePaths.Statistics, () => NoStatistics(InferenceProtocol.V2));
        app.MapRepository();
        app.MapV1Metadata();
        app.MapScoringServer();
    }

    // For whoever found the address: which models there are is told to whom asks with a key.
    private static JsonHttpResult<Greeting> Greet(Routes routes, AccessPolicy access) =>
        TypedResults.Json(Greeting.From(access.IsOpen ? routes.Current : RouteTable.Empty), MetadataJson.Default.Greeting);

    private static JsonHttpResult<Ready> IsReady(Routes routes)
    {
        var ready = routes.Current.IsKnown;
        return TypedResults.Json(new Ready(ready), MetadataJson.Default.Ready, statusCode: StatusOf(ready));
    }

    private static IResult Describe(Routes routes, string model, string? version = null)
    {
        var refusal = Find(routes, InferenceProtocol.V2, model, version, out var route, out var chosen);
        return refusal ?? (IResult)TypedResults.Json(ModelMetadata.From(route!, chosen!), MetadataJson.Default.ModelMetadata);
    }

    /// <summary>There are none: a sum over replicas that come and go would fall, which statistics never do.</summary>
    public static Refusal NoStatistics(InferenceProtocol protocol) => Refusal.NotFound(
        protocol, $"Statistics are kept by each replica: ask one of those that GET {ApiPaths.Replicas} lists. The gateway's own figures are its metrics.");

    /// <summary>Whether a model, or a version of it, can be asked.</summary>
    public static IResult IsModelReady(Routes routes, string model, string? version = null)
    {
        var refusal = Find(routes, InferenceProtocol.V2, model, version, out _, out var chosen);
        return refusal ?? (IResult)TypedResults.Json(
            new ModelReady(model, chosen!.IsReady), MetadataJson.Default.ModelReady, statusCode: StatusOf(chosen.IsReady));
    }

    /// <summary>Finds a model, and the version of it that was asked for, or else serves it; or why there is none.</summary>
    public static Refusal? Find(
        Routes routes, InferenceProtocol protocol, string model, string? version, out ModelRoute? route, out VersionRoute? chosen)
    {
        chosen = null;
        var table = routes.Current;
        route = table.Find(model);
        if (route is null)
        {
            return Refusal.Unknown(table, protocol, model);
        }

        if (version is null)
        {
            chosen = route.Default;
            return chosen is null ? Refusal.NoStableVersion(protocol, model) : null;
        }

        _ = int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        chosen = route.Find(number);
        return chosen is null ? Refusal.UnknownVersion(protocol, model, number) : null;
    }

    private static int StatusOf(bool ready) => ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
}
