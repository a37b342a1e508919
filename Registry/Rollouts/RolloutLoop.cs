using Sluice.Registry.Store;
using Sluice.Registry.Watch;

namespace Sluice.Registry.Rollouts;

/// <summary>Looks after the open rollouts: at once when anything changes in the store, and every second, as time passes, too.</summary>
internal sealed partial class RolloutLoop(Rollouts rollouts, WatchHub hub, TimeProvider time, ILogger<RolloutLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (_, changed) = hub.Look(); // before the look, so that nothing is slept through
            await TickAsync(stoppingToken);
            await changed.WaitAsync(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            await rollouts.TickAsync(cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            LogAway(away.Message);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The rollouts are not looked after while the store is away; they stay as they are. {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Error, "The rollouts could not be looked after; they stay as they are and are looked at again in a second. Check the store")]
    private partial void LogFailed(Exception exception);
}
