using System.Diagnostics;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway.Figures;

/// <summary>Counts by reason. A reason is a constant of the code; its series is there from its first time on. Any number of threads may add.</summary>
internal sealed class ReasonCounts(MetricLabels labels)
{
    private const int MostReasons = 32; // more are no constants

    private readonly Lock _growing = new();
    private Entry[] _entries = [];

    /// <summary>All that happened at least once.</summary>
    public IReadOnlyList<Entry> Entries => Volatile.Read(ref _entries);

    public void Add(string reason)
    {
        var entry = Find(reason) ?? Make(reason);
        entry.Add();
    }

    private Entry? Find(string reason)
    {
        foreach (var entry in Volatile.Read(ref _entries))
        {
            if (entry.Reason == reason)
            {
                return entry;
            }
        }

        return null;
    }

    private Entry Make(string reason)
    {
        lock (_growing)
        {
            if (Find(reason) is { } made)
            {
                return made;
            }

            Debug.Assert(_entries.Length < MostReasons);
            var entry = new Entry(reason, labels.And("reason", reason));
            Volatile.Write(ref _entries, [.. _entries, entry]);
            return entry;
        }
    }

    /// <summary>One reason.</summary>
    internal sealed class Entry(string reason, MetricLabels labels)
    {
        private long _count;

        public string Reason => reason;

        public MetricLabels Labels => labels;

        public long Count => Volatile.Read(ref _count);

        public void Add() => Interlocked.Increment(ref _count);
    }
}
