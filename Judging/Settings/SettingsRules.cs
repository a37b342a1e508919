using System.Globalization;

namespace Sluice.Judging;

/// <summary>What settings must be.</summary>
public static class SettingsRules
{
    private const double LongestSeconds = 30 * 24 * 3600;

    /// <summary>The first setting that is not as it must be, named as in JSON, with what was expected; null when all are.</summary>
    public static string? FindProblem(JudgeSettings settings) =>
        Above(0, settings.MaxErrorRate, 1, "maxErrorRate")
        ?? Above(0, settings.MaxLatencySeconds, 3600, "maxLatencySeconds")
        ?? Between(1, settings.MinRequests, 1_000_000_000, "minRequests")
        ?? Probability(settings.ErrorAlpha, "errorAlpha")
        ?? Probability(settings.LatencyAlpha, "latencyAlpha")
        ?? Probability(settings.AbsoluteErrorAlpha, "absoluteErrorAlpha")
        ?? Probability(settings.AbsoluteLatencyAlpha, "absoluteLatencyAlpha")
        ?? Probability(settings.CatastrophicAlpha, "catastrophicAlpha")
        ?? Probability(settings.ShareAlpha, "shareAlpha")
        ?? Probability(settings.ClientAlpha, "clientAlpha")
        ?? Probability(settings.DisagreementAlpha, "disagreementAlpha")
        ?? Probability(settings.Beta, "beta")
        ?? Below(1, settings.ErrorRatioAllowed, RatioTest.LeastErrorAlternative, "errorRatioAllowed")
        ?? Above(1, settings.ErrorRatioExcluded, 1000, "errorRatioExcluded")
        ?? Above(0, settings.ErrorMargin, 1, "errorMargin")
        ?? Below(1, settings.LatencyRatioAllowed, RatioTest.LeastLatencyAlternative, "latencyRatioAllowed")
        ?? Above(1, settings.LatencyRatioExcluded, 1000, "latencyRatioExcluded")
        ?? Above(0, settings.LatencyMargin, 1, "latencyMargin")
        ?? Above(1, settings.CatastrophicFactor, 1000, "catastrophicFactor")
        ?? Between(1, settings.Corroboration, 1e9, "corroboration")
        ?? Between(1, settings.Suspicion, 1e9, "suspicion")
        ?? Between(1, settings.SuspicionTierB, 1e9, "suspicionTierB")
        ?? Between(0, settings.StepSeconds, LongestSeconds, "stepSeconds")
        ?? Between(settings.StepSeconds, settings.StepPatienceSeconds, LongestSeconds, "stepPatienceSeconds")
        ?? Between(0, settings.ProofAbove, 10_000, "proofAbove")
        ?? Between(0, settings.ProofSeconds, LongestSeconds, "proofSeconds")
        ?? Between(0, settings.TierBSeconds, LongestSeconds, "tierBSeconds")
        ?? Above(1, settings.SickFactor, 1000, "sickFactor")
        ?? Between(1, settings.SickSeconds, LongestSeconds, "sickSeconds")
        ?? Between(1, settings.SickRequests, 1_000_000_000, "sickRequests")
        ?? Between(1, settings.StaleSeconds, LongestSeconds, "staleSeconds")
        ?? Between(settings.StaleSeconds, settings.BlindStepDownSeconds, LongestSeconds, "blindStepDownSeconds")
        ?? Between(settings.BlindStepDownSeconds, settings.BlindEndSeconds, LongestSeconds, "blindEndSeconds")
        ?? (Enum.IsDefined(settings.WhenBlind) ? null : "whenBlind: RollBack, Inconclusive or Hold is expected")
        ?? Between(1, settings.BreakerSeconds, LongestSeconds, "breakerSeconds")
        ?? Between(1, settings.MaxStepAgeSeconds, LongestSeconds, "maxStepAgeSeconds")
        ?? (settings.MaxDisagreement is { } limit ? Above(0, limit, 1, "maxDisagreement") : null)
        ?? Between(1, settings.CheckSeconds, LongestSeconds, "checkSeconds")
        ?? Between(1, settings.CheckCount, 10_000, "checkCount")
        ?? Above(0, settings.CheckShare, 1, "checkShare");

    private static string? Probability(double value, string name) =>
        value is > 0 and <= 0.5 ? null : Say(name, value, "more than 0, at most 0.5");

    private static string? Between(double least, double value, double most, string name) =>
        value >= least && value <= most ? null : Say(name, value, string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"));

    private static string? Above(double least, double value, double most, string name) =>
        value > least && value <= most ? null : Say(name, value, string.Create(CultureInfo.InvariantCulture, $"more than {least}, at most {most}"));

    private static string? Below(double least, double value, double most, string name) =>
        value >= least && value < most ? null : Say(name, value, string.Create(CultureInfo.InvariantCulture, $"at least {least}, less than {most}"));

    private static string Say(string name, double value, string expected) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}: {expected} is expected, not {value}");
}
