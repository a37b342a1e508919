using System.Text.Json.Serialization;
using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>What happens when nothing was seen for <see cref="JudgeSettings.BlindEndSeconds"/>.</summary>
public enum BlindEnd
{
    /// <summary>The canary is rolled back.</summary>
    RollBack,

    /// <summary>A person is asked.</summary>
    Inconclusive,

    /// <summary>The canary stays at the first weight until something is seen.</summary>
    Hold,
}

/// <summary>
/// All limits of the judge. An alpha is the probability, over the whole rollout and however often one looks, that a test goes off although the canary is as
/// good as the test allows; a beta, that a canary is promoted that is as bad as the proof excludes.
/// </summary>
/// <param name="MaxErrorRate">Share of failed requests above which a version is bad. More than 0, at most 1.</param>
/// <param name="MaxLatencySeconds">99th percentile of latency above which a version is bad. Seconds.</param>
/// <param name="MinRequests">A step is not left earlier than with so many canary requests, unless <paramref name="StepPatienceSeconds"/> are over.</param>
/// <param name="ErrorAlpha">Of the comparison of failures.</param>
/// <param name="LatencyAlpha">Of the comparison of latencies.</param>
/// <param name="AbsoluteErrorAlpha">Of failures against the limit.</param>
/// <param name="AbsoluteLatencyAlpha">Of latency against the limit.</param>
/// <param name="CatastrophicAlpha">Of failures against <paramref name="CatastrophicFactor"/> times the limit.</param>
/// <param name="ShareAlpha">Of the share of traffic; holds only.</param>
/// <param name="ClientAlpha">Of refused requests; holds only.</param>
/// <param name="DisagreementAlpha">Of mirrored answers that differ; only with a limit.</param>
/// <param name="Beta">Of the promotion, for failures and for latency each.</param>
/// <param name="ErrorRatioAllowed">So many times stable's failures are not held against a canary. 1 to less than 1.5.</param>
/// <param name="ErrorRatioExcluded">A canary that fails so many times as often as stable, and <paramref name="ErrorMargin"/> more often, is not proved good. More than 1.</param>
/// <param name="ErrorMargin">Rise of the share of failures that nobody minds. 0 to 1.</param>
/// <param name="LatencyRatioAllowed">So many times stable's slow answers are not held against a canary. 1 to less than 2.</param>
/// <param name="LatencyRatioExcluded">The same as <paramref name="ErrorRatioExcluded"/>, of slow answers.</param>
/// <param name="LatencyMargin">Rise of the share of slow answers that nobody minds.</param>
/// <param name="CatastrophicFactor">Times <paramref name="MaxErrorRate"/>. More than 1.</param>
/// <param name="Corroboration">The absolute limits count only with so much evidence that stable does better.</param>
/// <param name="Suspicion">With so much evidence against the canary no step is left.</param>
/// <param name="SuspicionTierB">The same for a promotion of tier B.</param>
/// <param name="StepSeconds">A step lasts at least so long.</param>
/// <param name="StepPatienceSeconds">After so long a step may be left with fewer requests.</param>
/// <param name="ProofAbove">Steps with a greater share begin only with a proof, as does the promotion. Basis points.</param>
/// <param name="ProofSeconds">And not earlier, counted from the canary's first traffic.</param>
/// <param name="TierBSeconds">Earliest promotion of tier B, counted from the canary's first traffic.</param>
/// <param name="SickFactor">Stable is sick with so many times the limit's failures.</param>
/// <param name="SickSeconds">Over the last so many seconds.</param>
/// <param name="SickRequests">Of so many requests at least.</param>
/// <param name="StaleSeconds">What is older counts as nothing seen.</param>
/// <param name="BlindStepDownSeconds">Nothing seen for so long: back to the first weight.</param>
/// <param name="BlindEndSeconds">And for so long: <paramref name="WhenBlind"/>.</param>
/// <param name="WhenBlind">What then.</param>
/// <param name="BreakerSeconds">A breaker that is open for so long is a reason to go back.</param>
/// <param name="MaxStepAgeSeconds">A step that is older is inconclusive.</param>
/// <param name="WatchShare">Whether the share of traffic is held against the weight. Off for sticky callers: few of them may have any share.</param>
/// <param name="MaxDisagreement">Share of mirrored answers that may differ; null for no limit.</param>
/// <param name="CheckSeconds">Rule <c>checks</c>: time between two.</param>
/// <param name="CheckCount">Rule <c>checks</c>: how many.</param>
/// <param name="CheckShare">Rule <c>checks</c>: share that must pass.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record JudgeSettings(
    double MaxErrorRate = 0.02,
    double MaxLatencySeconds = 0.5,
    int MinRequests = 100,
    double ErrorAlpha = 0.004,
    double LatencyAlpha = 0.004,
    double AbsoluteErrorAlpha = 0.002,
    double AbsoluteLatencyAlpha = 0.002,
    double CatastrophicAlpha = 0.001,
    double ShareAlpha = 0.001,
    double ClientAlpha = 0.004,
    double DisagreementAlpha = 0.002,
    double Beta = 0.05,
    double ErrorRatioAllowed = 1.1,
    double ErrorRatioExcluded = 2,
    double ErrorMargin = 0.005,
    double LatencyRatioAllowed = 1.25,
    double LatencyRatioExcluded = 3,
    double LatencyMargin = 0.005,
    double CatastrophicFactor = 3,
    double Corroboration = 5,
    double Suspicion = 4,
    double SuspicionTierB = 2,
    double StepSeconds = 120,
    double StepPatienceSeconds = 300,
    int ProofAbove = 5000,
    double ProofSeconds = 480,
    double TierBSeconds = 1800,
    double SickFactor = 2,
    double SickSeconds = 120,
    int SickRequests = 25,
    double StaleSeconds = 30,
    double BlindStepDownSeconds = 300,
    double BlindEndSeconds = 900,
    BlindEnd WhenBlind = BlindEnd.RollBack,
    double BreakerSeconds = 15,
    double MaxStepAgeSeconds = 3600,
    bool WatchShare = true,
    double? MaxDisagreement = null,
    double CheckSeconds = 60,
    int CheckCount = 15,
    double CheckShare = 0.9)
{
    /// <summary>The 99th percentile is held against the limit: this share of answers may be slower.</summary>
    public const double LatencyTail = 0.01;

    /// <summary>For users.</summary>
    public static JudgeSettings Default { get; } = new();

    /// <summary>
    /// For a developer who watches: about two minutes at 20 requests a second. It errs more often (<see cref="FalseRollbackRate"/> 6.6 % instead of 1.3 %,
    /// <see cref="Beta"/> 20 % instead of 5 %), excludes only coarser faults (three times stable's failures and 1 percentage point more), and bakes nothing.
    /// </summary>
    public static JudgeSettings Development { get; } = new()
    {
        ErrorAlpha = 0.02,
        LatencyAlpha = 0.02,
        AbsoluteErrorAlpha = 0.01,
        AbsoluteLatencyAlpha = 0.01,
        CatastrophicAlpha = 0.006,
        Beta = 0.2,
        ErrorRatioExcluded = 3,
        ErrorMargin = 0.01,
        LatencyRatioExcluded = 4,
        LatencyMargin = 0.01,
        StepSeconds = 15,
        StepPatienceSeconds = 60,
        ProofSeconds = 45,
        TierBSeconds = 180,
        SickSeconds = 30,
        BlindStepDownSeconds = 60,
        BlindEndSeconds = 180,
        MaxStepAgeSeconds = 600,
        CheckSeconds = 10,
        CheckCount = 9,
    };

    /// <summary>The most that a canary no worse than allowed is rolled back, by the union bound; it does not cover what nothing is seen of.</summary>
    [JsonIgnore]
    public double FalseRollbackRate =>
        ErrorAlpha + LatencyAlpha + AbsoluteErrorAlpha + AbsoluteLatencyAlpha + CatastrophicAlpha + (MaxDisagreement is null ? 0 : DisagreementAlpha);

    /// <summary>The settings that a rollout is judged by: its profile's, with the limits of its plan.</summary>
    /// <param name="profile">The rollout's; <c>development</c>, or any other for the default.</param>
    /// <param name="plan">Its plan.</param>
    public static JudgeSettings For(string profile, RolloutPlan plan) => (profile == "development" ? Development : Default) with
    {
        MaxErrorRate = plan.Analysis.MaxErrorRate,
        MaxLatencySeconds = plan.Analysis.MaxLatencySeconds,
        MinRequests = plan.Analysis.MinRequests,
        MaxStepAgeSeconds = plan.MaxStepAgeSeconds,
        MaxDisagreement = plan.Analysis.MaxDisagreement,
    };
}
