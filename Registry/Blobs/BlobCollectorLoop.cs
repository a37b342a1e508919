using Microsoft.Extensions.Options;
using Sluice.Registry.Access;

namespace Sluice.Registry.Blobs;

/// <summary>Collects blobs now and then. Each Registry process does; <see cref="BlobSweeps"/> lets one at a time delete.</summary>
internal sealed partial class BlobCollectorLoop(
    BlobCollector collector, IOptions<BlobOptions> options, TimeProvider time, ILogger<BlobCollectorLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.CollectEvery == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.CollectEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TickAsync(stoppingToken);
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await collector.CollectAsync(Caller.Registry, dryRun: false, cancellationToken) is { Deleted: > 0 } done)
            {
                LogCollected(done.Deleted, done.DeletedBytes);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogRoundFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "Collected {Count} blobs that no version names, {Bytes} bytes")]
    private partial void LogCollected(long count, long bytes);

    [LoggerMessage(LogLevel.Error, "Blobs were not collected this time; nothing is lost but room. The next round tries again")]
    private partial void LogRoundFailed(Exception exception);
}
