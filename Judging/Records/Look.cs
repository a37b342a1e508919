namespace Sluice.Judging;

/// <summary>A time of which not everything is known.</summary>
/// <param name="From">Since when.</param>
/// <param name="To">Until when: the look that noted it.</param>
/// <param name="Reason">What was missing, e.g. <c>gateway g2 was not scraped</c>.</param>
public sealed record BlindInterval(DateTimeOffset From, DateTimeOffset To, string Reason);

/// <summary>Predictions of one class. For the record: a shift is shown, it decides nothing.</summary>
/// <param name="Class">The class.</param>
/// <param name="Stable">By the stable version.</param>
/// <param name="Canary">By the canary.</param>
public sealed record ClassCount(string Class, long Stable, long Canary);

/// <summary>One look at the metrics: the windows that became complete since the last one. It is an entry of the rollout's evidence log.</summary>
public sealed record Look
{
    /// <summary>When, by the judge's clock. The verdict of the look is given at this time.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The rollout's generation that the judge knew: of the timeline, the look rests on events up to this one.</summary>
    public required long Generation { get; init; }

    /// <summary>The windows, in the order they are folded in.</summary>
    public IReadOnlyList<EvidenceWindow> Windows { get; init => field = value ?? []; } = [];

    /// <summary>Set when something is missing. The windows beside it are evidence all the same; the rollout does not go on by them.</summary>
    public BlindInterval? Blind { get; init; }

    /// <summary>How busy the replicas were, if known.</summary>
    public ArmLoads? Loads { get; init; }

    /// <summary>Predictions by class since the last look.</summary>
    public IReadOnlyList<ClassCount> Classes { get; init => field = value ?? []; } = [];
}
