using Sluice.Contracts;

namespace Sluice.Gateway.Limits;

/// <summary>
/// The bucket of one key at this gateway, as one number: the time at which it would be full again. A request that is let through moves it on by what one
/// request takes to be filled up; one that would move it further ahead of now than the bucket holds is refused. Without a lock and without a timer.
/// </summary>
internal sealed class RateBucket
{
    private readonly TimeProvider _time;
    private readonly long _interval; // of the clock's timestamps: the time in which one request is filled up
    private readonly long _room; // how far ahead of now the bucket may be when a request comes
    private long _full;

    /// <param name="limit">What all gateways together grant.</param>
    /// <param name="gateways">How many there are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="former">The bucket of the same limit before the number of gateways changed: its level is taken over.</param>
    public RateBucket(RateLimit limit, int gateways, TimeProvider time, RateBucket? former = null)
    {
        var (rate, burst) = limit.ShareOf(gateways);
        _time = time;
        _interval = Math.Max(1, (long)(time.TimestampFrequency / rate));
        _room = (burst - 1) * _interval;
        _full = former is null ? 0 : Volatile.Read(ref former._full);
    }

    /// <summary>Takes one request out.</summary>
    /// <param name="wait">How long it will be until there is one again, where there is none.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTake(out TimeSpan wait)
    {
        wait = default;
        var now = _time.GetTimestamp();
        while (true)
        {
            var seen = Volatile.Read(ref _full);
            var full = Math.Max(seen, now);
            if (full - now > _room)
            {
                wait = TimeSpan.FromSeconds((full - now - _room) / (double)_time.TimestampFrequency);
                return false;
            }

            if (Interlocked.CompareExchange(ref _full, full + _interval, seen) == seen)
            {
                return true;
            }
        }
    }
}
