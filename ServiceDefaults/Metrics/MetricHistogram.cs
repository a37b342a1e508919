namespace Sluice.ServiceDefaults.Metrics;

/// <summary>Counts of values by bucket: the histogram of one series, kept in the object it speaks of. Any number of threads may observe.</summary>
public sealed class MetricHistogram
{
    private readonly long[] _counts; // one a bucket, not cumulative; the last one is +Inf
    private readonly MetricHistogram? _earlier;
    private readonly int[] _places = []; // where the earlier one's buckets lie among these
    private double _sum;

    /// <param name="buckets">The edges, shared by all series of a family.</param>
    /// <param name="earlier">
    /// The histogram that this one goes on from with other edges, and whose values it has too, also those that threads go on to observe there. Of a value
    /// seen before only its former bucket is known: it counts as one at that bucket's upper edge, so that what is added later is exact at every edge.
    /// </param>
    public MetricHistogram(MetricBuckets buckets, MetricHistogram? earlier = null)
    {
        Buckets = buckets;
        _counts = new long[buckets.Count + 1];
        _earlier = earlier;
        if (earlier is not null)
        {
            _places = [.. earlier.Buckets.Edges.ToArray().Select(buckets.IndexOf), buckets.Count];
        }
    }

    /// <summary>The edges.</summary>
    public MetricBuckets Buckets { get; }

    /// <summary>The sum of all values; not a number once such a value was observed.</summary>
    public double Sum => Volatile.Read(ref _sum) + (_earlier?.Sum ?? 0);

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
    public void Observe(double value) => Add(Buckets.IndexOf(value), value);

    /// <summary>Counts a value that would have been larger, had it not been cut short: above every edge, whatever it is.</summary>
    public void ObserveCut(double value) => Add(Buckets.Count, value);

    /// <summary>Values in one bucket alone; the index <see cref="MetricBuckets.Count"/> is what lies above all edges.</summary>
    internal long CountOf(int bucket)
    {
        var count = Volatile.Read(ref _counts[bucket]);
        for (var i = 0; i < _places.Length; i++)
        {
            count += _places[i] == bucket ? _earlier!.CountOf(i) : 0;
        }

        return count;
    }

    private void Add(int bucket, double value)
    {
        Interlocked.Increment(ref _counts[bucket]);
        double before, after;
        do
        {
            before = Volatile.Read(ref _sum);
            after = before + value;
        }
        while (!Interlocked.CompareExchange(ref _sum, after, before).Equals(before));
    }
}
