using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Sluice.Registry.Replicas;

/// <summary>Last reports in memory, for the one Registry of an embedded store.</summary>
internal sealed class MemoryReports(IOptions<RegistryOptions> options, TimeProvider time) : IReports
{
    private readonly ConcurrentDictionary<string, Heard> _heard = new(StringComparer.Ordinal);
    private readonly TimeSpan _expiry = options.Value.ReplicaExpiry;
    private readonly long _started = time.GetTimestamp();

    public ValueTask<bool> HeardAsync(string member, LastReport report, CancellationToken cancellationToken)
    {
        // Nobody is struck off before the expiry has passed since the start: who comes back in it never was silent.
        var known = _heard.TryGetValue(member, out var before) ? IsFresh(before.Timestamp) : IsFresh(_started);
        _heard[member] = new Heard(report, time.GetTimestamp());
        return new(known);
    }

    public ValueTask<IReadOnlyList<LastReport?>> FindAsync(IReadOnlyList<string> members, CancellationToken cancellationToken) =>
        new([.. members.Select(member => _heard.TryGetValue(member, out var heard) && IsFresh(heard.Timestamp) ? heard.Report : null)]);

    public ValueTask ForgetAsync(string member, CancellationToken cancellationToken)
    {
        _heard.TryRemove(member, out _);
        return default;
    }

    private bool IsFresh(long timestamp) => time.GetElapsedTime(timestamp) <= _expiry;

    private sealed record Heard(LastReport Report, long Timestamp);
}
