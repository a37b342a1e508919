namespace Sluice.Judging;

/// <summary>The state of the rule <c>checks</c>.</summary>
public sealed record CheckEvidence
{
    /// <summary>Checks below both limits.</summary>
    public int Passed { get; init; }

    /// <summary>Checks above one.</summary>
    public int Failed { get; init; }

    /// <summary>Times at which there was nothing to check.</summary>
    public int Empty { get; init; }

    /// <summary>Canary requests in all checks.</summary>
    public long Requests { get; init; }

    /// <summary>Whether a check was far above the limit on errors.</summary>
    public bool IsCatastrophic { get; init; }

    /// <summary>When the check under way ends; null before the first.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Failures since the last check.</summary>
    public Tally Errors { get; init; }

    /// <summary>Answers over the latency limit since then.</summary>
    public Tally Slow { get; init; }
}
