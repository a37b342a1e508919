using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Yarp.ReverseProxy.Configuration;

namespace Sluice.Gateway.Passage;

/// <summary>
/// What is only passed on to the Registry, so that one ingress is enough: YARP's routes of the configuration section <c>ReverseProxy</c>.
/// </summary>
internal static class RegistryPassage
{
    private const string EventStream = "text/event-stream";

    public static void AddPassageToRegistry(this WebApplicationBuilder builder) => builder.Services.AddReverseProxy()
        .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
        .AddConfigFilter<RegistryDestination>();

    public static void MapPassageToRegistry(this WebApplication app)
    {
        // Asked for here, where a missing address is told as such; asked for by the filter below, it would end as YARP's failure to load.
        _ = app.Services.GetRequiredService<IOptions<RegistryClientOptions>>().Value;
        app.UseWhen(context => Lasts(context.Request), lasting => lasting.Use(EndWithTheServer(app.Lifetime)));
        app.MapReverseProxy();
    }

    // A watch, a page's stream of events, a question that waits for its answer.
    private static bool Lasts(HttpRequest request) =>
        request.Path == ApiPaths.Watch || request.Headers.Accept.ToString().Contains(EventStream, StringComparison.OrdinalIgnoreCase) || request.Query.ContainsKey("wait");

    // They have no end of their own, or a late one, and the server waits for its requests before it stops. Whoever watches asks again when cut.
    private static Func<HttpContext, RequestDelegate, Task> EndWithTheServer(IHostApplicationLifetime lifetime) => async (context, next) =>
    {
        using var end = lifetime.ApplicationStopping.Register(context.Abort);
        await next(context);
    };
}

/// <summary>Gives the cluster <c>registry</c> the address that the gateway itself uses, where the configuration names none.</summary>
internal sealed class RegistryDestination(IOptions<RegistryClientOptions> options) : IProxyConfigFilter
{
    private const string Registry = "registry";

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) =>
        new(cluster.ClusterId == Registry && cluster.Destinations is null or { Count: 0 } ? cluster with { Destinations = Destinations() } : cluster);

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => new(route);

    private Dictionary<string, DestinationConfig> Destinations() =>
        new() { [Registry] = new DestinationConfig { Address = options.Value.Address!.AbsoluteUri } };
}
