using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sluice.Contracts;

namespace Sluice.CanaryJudge;

/// <summary>Brings what the judge does so far: it follows the Registry, and says that it judges nothing.</summary>
internal static class Following
{
    public static void AddFollowing(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.AddServerHeader = false);
        builder.Services.AddSingleton<JudgeMetrics>();
        builder.Services.AddHostedService<OpeningStatement>();
        builder.Services.AddHealthChecks().AddCheck<FollowingCheck>("registry-watch");
    }
}

/// <summary>Ready while the Registry is heard. A judge that cannot see must not be taken for one that has nothing to object to.</summary>
internal sealed class FollowingCheck(RegistryWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.IsConnected
            ? HealthCheckResult.Healthy($"Following the Registry at revision {watch.Current.Revision}.")
            : HealthCheckResult.Unhealthy(watch.Silence is { } silence
                ? $"The Registry was last heard {silence.TotalSeconds:0} s ago."
                : "The Registry was not heard since the start."));
}

/// <summary>Says at the start, in the log, what this judge does and does not do; and makes the gauge that is observed from then on.</summary>
internal sealed partial class OpeningStatement(JudgeMetrics metrics, ILogger<OpeningStatement> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Observe();
        LogJudgesNothing();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "The judge follows the Registry and judges nothing yet: there are no rollouts, and it gives no verdicts")]
    private partial void LogJudgesNothing();
}
