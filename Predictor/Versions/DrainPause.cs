namespace Sluice.Predictor.Versions;

/// <summary>The wait between the report that a version is Draining and its end.</summary>
internal static class DrainPause
{
    /// <summary>No request for that long means that the gateways have moved away: they hear of a report within milliseconds.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until no request is in flight and none has come for a second, or the time is over.</summary>
    /// <returns>False when the time was over, or the token cancelled, first.</returns>
    public static async Task<bool> WaitAsync(
        IReadOnlyList<LoadedVersion> versions, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(Look, time);
        while (time.GetElapsedTime(started) < atMost && !cancellationToken.IsCancellationRequested)
        {
            if (time.GetElapsedTime(started) >= Quiet && versions.All(version => version.IsQuiet(Quiet)))
            {
                return true;
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return versions.All(version => version.InFlight == 0);
    }
}
