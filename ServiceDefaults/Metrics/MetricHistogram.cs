namespace Sluice.ServiceDefaults.Metrics;

/// <summary>Counts of values by bucket: the histogram of one series, kept in the object it speaks of. Any number of threads may observe.</summary>
public sealed class MetricHistogram
{
    private readonly long[] _counts; // one a bucket, not cumulative; the last one is +Inf
    private double _sum;

    /// <param name="buckets">The edges, shared by all series of a family.</param>
    public MetricHistogram(MetricBuckets buckets)
    {
        Buckets = buckets;
        _counts = new long[buckets.Count + 1];
    }

    /// <summary>The edges.</summary>
    public MetricBuckets Buckets { get; }

    /// <summary>The sum of all values; not a number once such a value was observed.</summary>
    public double Sum => Volatile.Read(ref _sum);

    /// <summary>How many values there were.</summary>
    public long Count
    {
        get
        {
            var count = 0L;
            for (var bucket = 0; bucket < _counts.Length; bucket++)
            {
                count += CountOf(bucket);
            }

            return count;
        }
    }

    /// <summary>Counts one value. NaN lies above every edge.</summary>
    public void Observe(double value)
    {
        Interlocked.Increment(ref _counts[Buckets.IndexOf(value)]);
        double before, after;
        do
        {
            before = Volatile.Read(ref _sum);
            after = before + value;
        }
        while (!Interlocked.CompareExchange(ref _sum, after, before).Equals(before));
    }

    /// <summary>Values in one bucket alone; the index <see cref="MetricBuckets.Count"/> is what lies above all edges.</summary>
    internal long CountOf(int bucket) => Volatile.Read(ref _counts[bucket]);
}
