namespace Sluice.Predictor.Figures;

/// <summary>How often something happened and how long all of it took. Any number of threads may add.</summary>
internal sealed class DurationTotal
{
    private long _count;
    private long _ticks;

    public long Count => Volatile.Read(ref _count);

    /// <summary>Nanoseconds, all together.</summary>
    public long Nanoseconds => Volatile.Read(ref _ticks) * (1_000_000_000 / TimeSpan.TicksPerSecond);

    public void Add(TimeSpan took)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _ticks, took.Ticks);
    }
}
