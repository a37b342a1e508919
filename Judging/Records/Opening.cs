using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>The first entry of an evidence log: all that the verdicts rest on besides what is seen.</summary>
public sealed record Opening
{
    /// <summary>The rule.</summary>
    public required AnalysisRule Rule { get; init; }

    /// <summary>The steps of the plan.</summary>
    public required IReadOnlyList<RolloutStep> Steps { get; init; }

    /// <summary>The limits.</summary>
    public required JudgeSettings Settings { get; init; }

    /// <summary>What stable was like before.</summary>
    public Baseline Baseline { get; init => field = value ?? new(); } = new();

    /// <summary>The opening of a rollout.</summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="isSticky">Whether callers stay with a version: then the share of requests says nothing of the weight.</param>
    /// <param name="baseline">Stable in the hour before.</param>
    public static Opening Of(Rollout rollout, bool isSticky, Baseline? baseline = null) => new()
    {
        Rule = rollout.Plan.Analysis.Rule,
        Steps = rollout.Plan.Steps,
        Settings = JudgeSettings.For(rollout.Profile, rollout.Plan) with { WatchShare = !isSticky },
        Baseline = baseline ?? new(),
    };
}

/// <summary>An entry of the evidence log: an opening or a look, never both.</summary>
/// <param name="Opening">Of the first entry.</param>
/// <param name="Look">Of all others.</param>
public sealed record LogEntry(Opening? Opening = null, Look? Look = null);
