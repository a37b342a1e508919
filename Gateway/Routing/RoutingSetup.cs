using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;

namespace Sluice.Gateway.Routing;

/// <summary>Brings the routes and the health check that rests on them.</summary>
internal static class RoutingSetup
{
    public static void AddRoutes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Routes>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Routes>());
        builder.Services.AddHealthChecks().AddCheck<RoutesCheck>("routes");
    }
}

/// <summary>Ready once a state was read. The Registry may be down: the last known good state is good enough to serve by.</summary>
internal sealed class RoutesCheck(Routes routes, RegistryWatch watch, Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (drain.IsDraining)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("Stopping: what is in flight is still answered."));
        }

        var table = routes.Current;
        return Task.FromResult(table.IsKnown
            ? HealthCheckResult.Healthy($"Routing by revision {table.State.Revision}, {Origin()}.")
            : HealthCheckResult.Unhealthy("No state was read yet: the Registry does not answer, and there is no last known good state on disk."));
    }

    private string Origin() => (watch.IsConnected, watch.Source) switch
    {
        (true, _) => "following the Registry",
        (false, StateSource.LastKnownGood) => "the last known good one of an earlier run; the Registry does not answer",
        _ => "the last known good one; the Registry does not answer",
    };
}
