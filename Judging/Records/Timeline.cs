using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>What happened to a rollout, as far as it matters to the judge.</summary>
public enum TimelineEventKind
{
    /// <summary>Something that changes nothing here: a restart, a hold, a widening.</summary>
    Other,

    /// <summary>A step became the current one, whose weight is not set yet; or the promotion began, which is as many as there are steps.</summary>
    StepEntered,

    /// <summary>The step's weight was set.</summary>
    StepBegan,

    /// <summary>The weight fell; the step stays, and begins again later.</summary>
    WeightLowered,

    /// <summary>It waits for somebody.</summary>
    Paused,

    /// <summary>It goes on.</summary>
    Resumed,

    /// <summary>It was promoted or rolled back.</summary>
    Ended,
}

/// <summary>An event of a rollout.</summary>
/// <param name="At">When, by the Registry's clock.</param>
/// <param name="Kind">What.</param>
/// <param name="Step">The step afterwards.</param>
/// <param name="Weight">The canary's share afterwards.</param>
/// <param name="Generation">The rollout's generation afterwards.</param>
public sealed record TimelineEvent(DateTimeOffset At, TimelineEventKind Kind, int Step, Weight Weight, long Generation);

/// <summary>Where a rollout stood at a time.</summary>
public readonly record struct Position
{
    /// <summary>The step; -1 before the first.</summary>
    public required int Step { get; init; }

    /// <summary>The canary's share.</summary>
    public Weight Weight { get; init; }

    /// <summary>When the canary got its first traffic.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When the first step began that is no warm-up: what is seen from then on is evidence.</summary>
    public DateTimeOffset? EvidenceSince { get; init; }

    /// <summary>When the step was entered or taken up again.</summary>
    public DateTimeOffset? StepEntered { get; init; }

    /// <summary>When its weight was set; null while it is not.</summary>
    public DateTimeOffset? StepSince { get; init; }

    /// <summary>When the weight last changed.</summary>
    public DateTimeOffset? WeightSince { get; init; }

    /// <summary>Whether it waits for somebody.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether there is nothing more to decide.</summary>
    public bool IsEnded { get; init; }
}

/// <summary>The events of a rollout in their order.</summary>
/// <param name="Events">From its log.</param>
public sealed record Timeline(IReadOnlyList<TimelineEvent> Events)
{
    /// <summary>The timeline in a rollout's log.</summary>
    public static Timeline Of(IEnumerable<RolloutEvent> log) =>
        new([.. log.Select(item => new TimelineEvent(item.At, Kind(item.What), item.Step, item.Weight, item.Generation))]);

    /// <summary>Where it stood.</summary>
    /// <param name="time">Events later than this are left out.</param>
    /// <param name="generation">And those of later generations: what a judge did not know yet did not move it.</param>
    /// <param name="steps">The plan's.</param>
    public Position At(DateTimeOffset time, long generation, IReadOnlyList<RolloutStep> steps)
    {
        var position = new Position { Step = -1 };
        foreach (var item in Events)
        {
            if (item.At > time || item.Generation > generation)
            {
                break;
            }

            position = After(position, item, steps);
        }

        return position;
    }

    private static Position After(Position former, TimelineEvent item, IReadOnlyList<RolloutStep> steps)
    {
        var next = item.Weight == former.Weight ? former : former with { Weight = item.Weight, WeightSince = item.At };
        return item.Kind switch
        {
            TimelineEventKind.StepEntered => next with { Step = item.Step, StepEntered = item.At, StepSince = null, IsPaused = false },
            TimelineEventKind.StepBegan => next with
            {
                Step = item.Step,
                StepSince = item.At,
                StepEntered = next.StepEntered is null || next.Step != item.Step ? item.At : next.StepEntered,
                Started = next.Started ?? item.At,
                EvidenceSince = next.EvidenceSince ?? (item.Step < steps.Count && !steps[item.Step].WarmUp ? item.At : null),
            },
            TimelineEventKind.WeightLowered => next with { StepSince = null },
            TimelineEventKind.Paused => next with { IsPaused = true },
            TimelineEventKind.Resumed => next with { IsPaused = false, StepEntered = item.At },
            TimelineEventKind.Ended => next with { IsEnded = true },
            _ => next,
        };
    }

    private static TimelineEventKind Kind(string what) => what switch
    {
        "step.enter" or "promote.begin" => TimelineEventKind.StepEntered,
        "step.begin" => TimelineEventKind.StepBegan,
        "weight.lower" => TimelineEventKind.WeightLowered,
        "pause" => TimelineEventKind.Paused,
        "resume" => TimelineEventKind.Resumed,
        "promote" or "rollback" => TimelineEventKind.Ended,
        _ => TimelineEventKind.Other,
    };
}
