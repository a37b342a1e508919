using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Health;

/// <summary>
/// Checks each resource from the moment one of its processes runs: every 30 s while healthy, soon after a failure. When a
/// resource is healthy for the first time, its ready event is raised, once.
/// </summary>
internal sealed partial class ResourceHealth(
    ResourceNotificationService notifications, HealthCheckService checks, IDistributedApplicationEventing eventing,
    IServiceProvider services, ILogger<ResourceHealth> logger) : BackgroundService
{
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WhileSick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watched = new HashSet<IResource>();
        var loops = new List<Task>();
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken).ConfigureAwait(false))
            {
                if (change.Snapshot.State?.Text == KnownResourceStates.Running && watched.Add(change.Resource))
                {
                    loops.Add(CheckAsync(change.Resource, stoppingToken));
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The health checks of a resource, before any of them has run.</summary>
    internal static ImmutableArray<HealthReportSnapshot> InitialReports(IResource resource) =>
        [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => new HealthReportSnapshot(check.Key, null, null, null))];

    private async Task CheckAsync(IResource resource, CancellationToken cancellationToken)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).ToHashSet();
        var isReady = false;
        var delay = FirstDelay;
        while (true)
        {
            var isHealthy = keys.Count == 0 || await RunChecksAsync(resource, keys, cancellationToken).ConfigureAwait(false);
            if (isHealthy && !isReady)
            {
                isReady = true;
                _ = RaiseReadyAsync(resource, cancellationToken); // its callbacks may take their time; they hold back dependants, not checks
            }

            if (keys.Count == 0)
            {
                return;
            }

            await Task.Delay(isHealthy ? WhileHealthy : delay, cancellationToken).ConfigureAwait(false);
            var limit = isReady ? WhileSick : WhileStarting;
            delay = isHealthy ? FirstDelay : delay * 2 < limit ? delay * 2 : limit;
        }
    }

    private async Task<bool> RunChecksAsync(IResource resource, HashSet<string> keys, CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => keys.Contains(check.Name), cancellationToken).ConfigureAwait(false);
        var now = DateTime.UtcNow;
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with
        {
            HealthReports =
            [
                .. report.Entries.Select(entry => new HealthReportSnapshot(
                    entry.Key, entry.Value.Status, entry.Value.Description, entry.Value.Exception?.Message) { LastRunAt = now }),
            ],
        }).ConfigureAwait(false);
        return report.Status == HealthStatus.Healthy;
    }

    private async Task RaiseReadyAsync(IResource resource, CancellationToken cancellationToken)
    {
        var raised = eventing.PublishAsync(new ResourceReadyEvent(resource, services), cancellationToken);
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { ReadyEvent = raised }).ConfigureAwait(false);
        try
        {
            await raised.ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogReadyFailed(exception, resource.Name);
        }
    }

    [LoggerMessage(LogLevel.Error, "A callback of the AppHost for the ready event of resource '{Resource}' failed.")]
    private partial void LogReadyFailed(Exception exception, string resource);
}
