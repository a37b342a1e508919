using System.Text.Json.Serialization;

namespace Sluice.Judging;

/// <summary>What one version did in one window: first attempts by <see cref="Contracts.FaultClass"/>, and how many of the timed ones were slow.</summary>
public sealed record ArmCounts
{
    /// <summary>Answered.</summary>
    public long Ok { get; init; }

    /// <summary>The client's fault: watched separately.</summary>
    public long Client { get; init; }

    /// <summary>The caller left: counts for nobody.</summary>
    public long Cancelled { get; init; }

    /// <summary>The model failed.</summary>
    public long Model { get; init; }

    /// <summary>No replica was ready, or a queue was full.</summary>
    public long Capacity { get; init; }

    /// <summary>The deadline passed.</summary>
    public long Deadline { get; init; }

    /// <summary>The connection to the replica failed.</summary>
    public long Gateway { get; init; }

    /// <summary>Timed requests (ok and deadline): the histogram's count.</summary>
    public long Timed { get; init; }

    /// <summary>Of those, the ones at or below each edge of the window, cumulative as in <c>le</c>; as long as <see cref="EvidenceWindow.Edges"/>.</summary>
    public IReadOnlyList<long> AtMost { get; init => field = value ?? []; } = [];

    /// <summary>Requests that count against the version.</summary>
    [JsonIgnore]
    public long Failed => Model + Capacity + Deadline + Gateway;

    /// <summary>Requests that say something of the version: neither the client's fault nor given up by the caller.</summary>
    [JsonIgnore]
    public long Judged => Ok + Failed;

    /// <summary>Requests that were not given up.</summary>
    [JsonIgnore]
    public long Answered => Judged + Client;

    /// <summary>All requests.</summary>
    [JsonIgnore]
    public long Routed => Answered + Cancelled;

    /// <summary>Timed requests slower than an edge.</summary>
    /// <param name="edge">Index in <see cref="EvidenceWindow.Edges"/>.</param>
    public long Above(int edge) => Timed - AtMost[edge];
}
