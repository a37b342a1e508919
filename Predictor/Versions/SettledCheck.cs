using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sluice.Contracts;

namespace Sluice.Predictor.Versions;

/// <summary>Ready when the state was read and every assigned version is ready or has failed; idle is ready.</summary>
internal sealed class SettledCheck(Reconciler reconciler, RegistryWatch watch, ServedVersions served) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var standing = string.Join(", ", served.All.GroupBy(version => version.State).Select(group => $"{group.Count()} {group.Key}"));
        var description = watch.Source == StateSource.None
            ? "No state yet: the Registry was not heard and there is no last known good state."
            : $"Versions: {(standing.Length == 0 ? "none assigned" : standing)}; state from {watch.Source}.";
        return Task.FromResult(reconciler.IsSettled ? HealthCheckResult.Healthy(description) : HealthCheckResult.Unhealthy(description));
    }
}
