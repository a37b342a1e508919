using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Judging.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Both_profiles_are_valid_and_state_their_rates()
    {
        Assert.Null(SettingsRules.FindProblem(JudgeSettings.Default));
        Assert.Null(SettingsRules.FindProblem(JudgeSettings.Development));
        Assert.Equal(0.013, JudgeSettings.Default.FalseRollbackRate, 1e-12);
        Assert.Equal(0.015, new JudgeSettings(MaxDisagreement: 0.1).FalseRollbackRate, 1e-12);
        Assert.Equal(0.066, JudgeSettings.Development.FalseRollbackRate, 1e-12);
    }

    [Fact]
    public void A_setting_that_is_not_as_it_must_be_is_named_with_what_was_expected()
    {
        (string Name, JudgeSettings Settings)[] wrong =
        [
            ("maxErrorRate", new(MaxErrorRate: 0)), ("maxErrorRate", new(MaxErrorRate: 1.1)), ("maxErrorRate", new(MaxErrorRate: double.NaN)), ("maxLatencySeconds", new(MaxLatencySeconds: -1)),
            ("minRequests", new(MinRequests: 0)), ("errorAlpha", new(ErrorAlpha: 0)), ("latencyAlpha", new(LatencyAlpha: 0.6)), ("absoluteErrorAlpha", new(AbsoluteErrorAlpha: 1)),
            ("absoluteLatencyAlpha", new(AbsoluteLatencyAlpha: -1)), ("catastrophicAlpha", new(CatastrophicAlpha: 2)), ("shareAlpha", new(ShareAlpha: 0)), ("clientAlpha", new(ClientAlpha: 0)),
            ("disagreementAlpha", new(DisagreementAlpha: 0)), ("beta", new(Beta: 0)), ("errorRatioAllowed", new(ErrorRatioAllowed: 1.5)), ("errorRatioExcluded", new(ErrorRatioExcluded: 1)),
            ("errorMargin", new(ErrorMargin: 0)), ("latencyRatioAllowed", new(LatencyRatioAllowed: 2)), ("latencyRatioExcluded", new(LatencyRatioExcluded: 0.5)), ("latencyMargin", new(LatencyMargin: 2)),
            ("catastrophicFactor", new(CatastrophicFactor: 1)), ("corroboration", new(Corroboration: 0)), ("suspicion", new(Suspicion: 0.5)), ("suspicionTierB", new(SuspicionTierB: 0)),
            ("stepSeconds", new(StepSeconds: -1)), ("stepPatienceSeconds", new(StepPatienceSeconds: 60)), ("proofAbove", new(ProofAbove: 10_001)), ("proofSeconds", new(ProofSeconds: -1)),
            ("tierBSeconds", new(TierBSeconds: -1)), ("sickFactor", new(SickFactor: 1)), ("sickSeconds", new(SickSeconds: 0)), ("sickRequests", new(SickRequests: 0)), ("staleSeconds", new(StaleSeconds: 0)),
            ("blindStepDownSeconds", new(BlindStepDownSeconds: 20)), ("blindEndSeconds", new(BlindEndSeconds: 200)), ("whenBlind", new(WhenBlind: (BlindEnd)9)), ("breakerSeconds", new(BreakerSeconds: 0)),
            ("maxStepAgeSeconds", new(MaxStepAgeSeconds: 0)), ("maxDisagreement", new(MaxDisagreement: 0)), ("checkSeconds", new(CheckSeconds: 0)), ("checkCount", new(CheckCount: 0)), ("checkShare", new(CheckShare: 0)),
        ];
        Assert.All(wrong, item => Assert.StartsWith($"{item.Name}: ", SettingsRules.FindProblem(item.Settings), StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => Judge.Begin(StoryTests.WithSettings(new(Beta: 0))));
    }

    [Fact]
    public void What_JSON_leaves_out_is_as_in_the_default_and_what_it_misspells_is_refused()
    {
        Assert.Equal(new JudgeSettings(Beta: 0.1), JsonSerializer.Deserialize("""{"beta":0.1}""", JudgingJson.Default.JudgeSettings));
        Assert.Equal(JudgeSettings.Development, JsonSerializer.Deserialize(JsonSerializer.Serialize(JudgeSettings.Development, JudgingJson.Default.JudgeSettings), JudgingJson.Default.JudgeSettings));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"betta":0.1}""", JudgingJson.Default.JudgeSettings));
    }

    [Fact]
    public void A_plan_brings_its_limits()
    {
        var plan = new RolloutPlan
        {
            Steps = Story.Production, PrepareTimeoutSeconds = 1, PromoteTimeoutSeconds = 1, KeepPreviousSeconds = 1, MaxStepAgeSeconds = 77, Analysis = new(MaxErrorRate: 0.1, MaxLatencySeconds: 2, MinRequests: 5),
        };
        Assert.Equal(new JudgeSettings(MaxErrorRate: 0.1, MaxLatencySeconds: 2, MinRequests: 5, MaxStepAgeSeconds: 77), JudgeSettings.For("production", plan));
        Assert.Equal(JudgeSettings.Development.Beta, JudgeSettings.For("development", plan).Beta);
    }
}
