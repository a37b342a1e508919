namespace Sluice.Contracts;

/// <summary>Who must agree before a step begins.</summary>
public enum StepGate
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>A person.</summary>
    Approval,

    /// <summary>The plan's webhook.</summary>
    Webhook,
}

/// <summary>How the verdicts of a rollout come about.</summary>
public enum AnalysisRule
{
    /// <summary>The judge's comparison of canary and stable on exact counts, valid at every look.</summary>
    Sequential,

    /// <summary>The judge's fixed limits, counted over checks.</summary>
    Checks,

    /// <summary>Nobody judges: each step ends when its time is over. A person or pipeline that looks elsewhere may roll back.</summary>
    None,
}

/// <summary>One step of a plan.</summary>
/// <param name="Weight">The canary's share during the step.</param>
/// <param name="HoldSeconds">The step lasts at least so long, whatever the evidence says.</param>
/// <param name="WarmUp">Whether what is seen during the step is no evidence; it ends by time.</param>
/// <param name="Gate">Who must agree before it begins.</param>
public sealed record RolloutStep(Weight Weight, int HoldSeconds = 0, bool WarmUp = false, StepGate Gate = StepGate.None);

/// <summary>Rule and absolute limits of the judge.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="MaxErrorRate">The share of failed requests above which a version is bad, whatever stable does. 0 to 1.</param>
/// <param name="MaxLatencySeconds">The 99th percentile of latency above which a version is bad. Seconds.</param>
/// <param name="MinRequests">Below so many canary requests nothing is concluded from the absolute limits.</param>
/// <param name="MaxDisagreement">The share of mirrored requests that the canary may answer differently from stable, 0 to 1; null for no limit.</param>
public sealed record RolloutAnalysis(
    AnalysisRule Rule = AnalysisRule.Sequential, double MaxErrorRate = 0.02, double MaxLatencySeconds = 0.5, int MinRequests = 100, double? MaxDisagreement = null);

/// <summary>How a rollout goes: its steps, times and limits. Fixed when it starts.</summary>
public sealed record RolloutPlan
{
    /// <summary>The steps in their order; weights never fall. After the last comes the promotion.</summary>
    public required IReadOnlyList<RolloutStep> Steps { get; init; }

    /// <summary>Who must agree before the promotion.</summary>
    public StepGate PromotionGate { get; init; }

    /// <summary>The canary pool must have the version ready within this time. Seconds.</summary>
    public required int PrepareTimeoutSeconds { get; init; }

    /// <summary>Every stable replica must have the version ready within this time. Seconds.</summary>
    public required int PromoteTimeoutSeconds { get; init; }

    /// <summary>How long the former version stays loaded after the promotion. Seconds.</summary>
    public required int KeepPreviousSeconds { get; init; }

    /// <summary>A step without a verdict for so long is inconclusive. Seconds.</summary>
    public required int MaxStepAgeSeconds { get; init; }

    /// <summary>Where the approval of webhook gates is asked for; an absolute URL.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>
    /// The share of stable's traffic that is copied to the canary and compared, whatever the step's weight is; in force from when the canary pool has the
    /// version ready until the rollout is decided. Nobody gets a mirrored answer.
    /// </summary>
    public Weight MirrorShare { get; init; }

    /// <summary>What the judge goes by.</summary>
    public RolloutAnalysis Analysis { get; init => field = value ?? new(); } = new();
}
