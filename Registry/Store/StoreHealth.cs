using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sluice.Registry.Store;

/// <summary>Ready means: the store answers.</summary>
internal sealed class StoreHealth(IStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var position = await store.GetPositionAsync(cancellationToken);
            return HealthCheckResult.Healthy($"The store is at revision {position.Revision}.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"The store does not answer: {exception.Message}", exception);
        }
    }
}
