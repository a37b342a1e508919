using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Health;

/// <summary>Tells breakers how attempts ended, and the Registry, by the routes' report, that one opened or closed: it explains a share that is missing.</summary>
internal sealed partial class BreakerWatch(Routes routes, ILogger<BreakerWatch> logger)
{
    /// <summary>A first attempt at a version ended.</summary>
    public void Note(VersionRoute version, FaultClass outcome)
    {
        if (!version.Breaker.Note(outcome))
        {
            return;
        }

        routes.Refresh();
        if (routes.Current.Find(version.Model)?.Canary?.Version != version.Version)
        {
            return; // nobody asks the breaker of another version
        }

        if (version.Breaker.OpenSince is null)
        {
            LogClosed(version.Version, version.Model);
        }
        else
        {
            LogOpened(version.Version, version.Model);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The breaker of canary {Version} of {Model} opened: most of its attempts failed, and stable answers all but one in twenty of its requests")]
    private partial void LogOpened(int version, string model);

    [LoggerMessage(LogLevel.Information, "The breaker of canary {Version} of {Model} closed: it gets its share again")]
    private partial void LogClosed(int version, string model);
}
