using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Metadata;

/// <summary>What MLflow's scoring server answers beside predictions.</summary>
internal static class ScoringServerEndpoints
{
    private const string Json = "application/json"; // MLflow sends plain text by this name

    public static void MapScoringServer(this IEndpointRouteBuilder app)
    {
        app.MapMethods(InferencePaths.Ping, MetadataEndpoints.GetOrHead, GetHealth);
        app.MapMethods(InferencePaths.Health, MetadataEndpoints.GetOrHead, GetHealth);
        app.MapMethods(InferencePaths.ServerVersion, MetadataEndpoints.GetOrHead, () => TypedResults.Text(ProductVersion.Text, Json));
    }

    // 200 with a line's end when the model, or any where none is named, can be asked; else 404, as MLflow says it.
    private static ContentHttpResult GetHealth(HttpContext context, Routes routes, IOptions<GatewayOptions> options)
    {
        var table = routes.Current;
        var healthy = MeantModel.Named(context.Request.Headers, options.Value.DefaultModel) is { } model
            ? table.Find(model)?.Default is { IsReady: true }
            : table.Models.Any(each => each.Default is { IsReady: true });
        return TypedResults.Text("\n", Json, statusCode: healthy ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
    }
}
