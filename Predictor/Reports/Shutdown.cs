using Microsoft.Extensions.Options;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Reports;

/// <summary>
/// What happens between SIGTERM and the end of the server: all versions are reported as Draining, requests are answered until none has come for a
/// second or <see cref="PredictorOptions.DrainTimeout"/> is over; only then the server stops listening.
/// </summary>
internal sealed partial class Shutdown(
    Reconciler reconciler, ServedVersions served, ReplicaReporter reporter, IOptions<PredictorOptions> options, TimeProvider time, ILogger<Shutdown> logger)
    : IHostedLifecycleService
{
    /// <inheritdoc />
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        reconciler.DrainAll();
        var loaded = served.All.Select(version => version.Loaded).OfType<LoadedVersion>().ToArray();
        if (loaded.Length == 0)
        {
            return;
        }

        LogDraining(loaded.Length, served.InFlight, options.Value.DrainTimeout.TotalSeconds);

        // At once: where the Registry is stopped, too, and cannot be told, its silence must not be added to the pause.
        var reported = reporter.ReportLastAsync(cancellationToken);
        var drained = await DrainPause.WaitAsync(loaded, options.Value.DrainTimeout, time, cancellationToken);
        await reported;
        if (!drained)
        {
            LogDrainCut(served.InFlight, options.Value.DrainTimeout.TotalSeconds);
        }
    }

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Stopping: {Versions} versions drain, {InFlight} requests in flight, at most {Seconds} s")]
    private partial void LogDraining(int versions, int inFlight, double seconds);

    [LoggerMessage(LogLevel.Warning, "{InFlight} requests were still in flight after {Seconds} s (Predictor:DrainTimeout); the server stops now")]
    private partial void LogDrainCut(int inFlight, double seconds);
}
