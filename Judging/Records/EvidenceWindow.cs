using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>Answers of the canary to copies of stable's requests, compared with stable's.</summary>
/// <param name="Agree">The same, within the tolerance.</param>
/// <param name="Disagree">Another one.</param>
/// <param name="Error">None. Not counted as a disagreement: whether it was the model's fault is not known.</param>
public sealed record MirrorCounts(long Agree, long Disagree, long Error = 0);

/// <summary>
/// What both versions did at one gateway between two scrapes of it: one stratum of the comparison. Only such windows are compared, never their totals, since
/// the weight and the common rate of failures change from window to window.
/// </summary>
public sealed record EvidenceWindow
{
    /// <summary>The gateway's id.</summary>
    public required string Gateway { get; init; }

    /// <summary>A further division, such as a tenant; null for none.</summary>
    public string? Stratum { get; init; }

    /// <summary>Time of the first scrape.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Time of the second one.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The canary's share that the gateway had in force at the end.</summary>
    public required Weight Weight { get; init; }

    /// <summary>Edges of the latencies, seconds, ascending; the same for both versions.</summary>
    public IReadOnlyList<double> Edges { get; init => field = value ?? []; } = [];

    /// <summary>The stable version.</summary>
    public required ArmCounts Stable { get; init; }

    /// <summary>The canary.</summary>
    public required ArmCounts Canary { get; init; }

    /// <summary>Mirrored requests, if there were any.</summary>
    public MirrorCounts? Mirror { get; init; }

    /// <summary>For how long the gateway's breaker of the canary has been open, at the end. Seconds; 0: it is closed.</summary>
    public double BreakerOpenSeconds { get; init; }

    /// <summary>The index of an edge; -1 when the window does not have it.</summary>
    internal int IndexOf(double edge)
    {
        for (var i = 0; i < Edges.Count; i++)
        {
            if (Edges[i] == edge)
            {
                return i;
            }
        }

        return -1;
    }
}
