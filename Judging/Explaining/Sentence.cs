using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>A judgement in words, with its figures.</summary>
public static class Sentence
{
    private const double LargestLog = 16; // beyond some nine million to one the figure says nothing more

    /// <summary>E.g. <c>Rolled back at 12:07:15: 18 failures in 700 canary requests against 85 in 13,300 stable ones of the same windows; …</c></summary>
    public static string Of(Judgement judgement) => Text($"{What(judgement)} at {judgement.At.UtcDateTime:HH:mm:ss}: {Why(judgement)}.");

    private static string What(Judgement judgement) => judgement.Verdict switch
    {
        Verdict.RollBack => "Rolled back",
        Verdict.StepDown => "Back to the first weight",
        Verdict.Inconclusive => "Inconclusive",
        Verdict.Advance when judgement.Reason == JudgementReason.PreflightPassed => "Pre-flight passed",
        Verdict.Advance when judgement.Tier is { } tier => Text($"Step {judgement.Step} passed with a proof of tier {tier}"),
        Verdict.Advance => Text($"Step {judgement.Step} passed"),
        _ when judgement.Step < 0 => "Not begun",
        _ => Text($"Step {judgement.Step} held"),
    };

    private static string Why(Judgement judgement)
    {
        var figures = judgement.Figures;
        return judgement.Reason switch
        {
            JudgementReason.Catastrophic when figures.Catastrophic is { } test => Absolute("failures", test),
            JudgementReason.Catastrophic => Text($"a check failed by more than the limit on errors allows; {Checks(figures)}"),
            JudgementReason.Breaker => Text($"a gateway's breaker of the canary has been open for {figures.BreakerOpenSeconds:0} s"),
            JudgementReason.AbsoluteErrors => Text($"{Absolute("failures", figures.AbsoluteErrors!)}; {Relative("failures", figures.Errors!)}"),
            JudgementReason.AbsoluteLatency => Text($"{Absolute("answers over the latency limit", figures.AbsoluteLatency!)}; {Slower(figures)}"),
            JudgementReason.ErrorRatio => Relative("failures", figures.Errors!),
            JudgementReason.LatencyRatio => Slower(figures),
            JudgementReason.Disagreement => Absolute("different answers", figures.Disagreement!),
            JudgementReason.Blind => Text($"nothing reliable was seen for {figures.BlindSeconds:0} s{(figures.BlindReason is { } missing ? $" ({missing})" : "")}"),
            JudgementReason.NoStep => "no step's weight is in force",
            JudgementReason.Paused => "it waits for an approval or a person",
            JudgementReason.WarmUp => "warm-up; what is seen is no evidence yet",
            JudgementReason.StableSick => Text($"{figures.StableErrorRate ?? 0:0.0 %} of stable's own requests failed lately"),
            JudgementReason.Share => Text($"the canary got {figures.Share!.CanaryHits:N0} of {figures.Share.Canary:N0} requests, its weight is {figures.Share.Limit ?? 0:0.## %}; {Odds(figures.Share)}"),
            JudgementReason.Suspicion => Text($"too much speaks against it to go on; {Relative("failures", figures.Errors!)}; {Slower(figures)}"),
            JudgementReason.ClientErrors => Relative("refused requests", figures.ClientErrors!),
            JudgementReason.MissingEdge => "the latency limit is no edge of the gateways' histograms",
            JudgementReason.TooOld => Text($"no verdict in the step's time; {Step(figures)}{Proofs(figures)}"),
            JudgementReason.ProofMissing => Text($"not yet proved good; {Step(figures)}{Proofs(figures)}"),
            JudgementReason.ChecksFailed => Text($"too many checks failed; {Checks(figures)}"),
            JudgementReason.StepUnderWay => Step(figures),
            JudgementReason.NotJudged => "nobody judges this rollout",
            JudgementReason.PreflightPassed => Text($"every gateway shows both versions, the latency limit is an edge, {(figures.StableErrorRate is { } rate ? Text($"{rate:0.0 %} of stable's requests failed lately") : "stable had no requests lately")}"),
            _ => Text($"{Step(figures)}{(figures.Errors is { } errors ? $"; {Relative("failures", errors)}" : "")}{(judgement.Tier is null ? "" : Proofs(figures))}"),
        };
    }

    private static string Step(Figures figures) =>
        Text($"{figures.StepRequests:N0} canary requests in {figures.StepSeconds:0} s at this step{(figures.Checks is null ? "" : $"; {Checks(figures)}")}");

    private static string Checks(Figures figures) => figures.Checks is { } checks
        ? Text($"{checks.Passed} checks passed, {checks.Failed} failed, {checks.Empty} saw nothing") : "";

    private static string Proofs(Figures figures) => figures is { ErrorProof: { } errors, LatencyProof: { } latency }
        ? Text($"; proof on failures {Odds(errors)}, on latency {Odds(latency)}") : "";

    private static string Slower(Figures figures)
    {
        var loads = figures.Loads is { } load ? Text($"; its replicas had {Load(load.Canary)}, stable's {Load(load.Stable)}") : "";
        return Relative(Text($"answers over {figures.Latency!.Limit ?? 0:0.#####} s"), figures.Latency, isEdge: true) + loads;
    }

    private static string Load(ArmLoad load) =>
        Text($"{load.RequestsPerSecond:0.#} requests a second each and were busy at {load.Busy:0.00} of their capacity{(load.Waiting > 0 ? Text($" ({load.Waiting:N0} requests waited)") : "")}");

    private static string Relative(string what, TestFigure test, bool isEdge = false)
    {
        var ratio = test is { Canary: > 0, StableRate: > 0 and { } stable }
            ? Text($"; ratio {(double)test.CanaryHits / test.Canary / stable:0.0}{(isEdge ? "" : $", allowed {test.Limit:0.0#}")}") : "";
        return Text($"{test.CanaryHits:N0} {what} in {test.Canary:N0} canary requests against {test.StableHits:N0} in {test.Stable:N0} stable ones of the same windows{ratio}; {Odds(test)}");
    }

    private static string Absolute(string what, TestFigure test) =>
        Text($"{test.CanaryHits:N0} {what} in {test.Canary:N0} canary requests, limit {test.Limit ?? 0:0.0# %}; {Odds(test)}");

    private static string Odds(TestFigure test) => Text($"evidence {Odds(test.LogEvidence)}, needed {Odds(test.LogNeeded)}");

    internal static string Odds(double log) => log switch
    {
        > LargestLog => "over 9,000,000 : 1",
        < -LargestLog => "under 1 : 9,000,000",
        >= 3 => Text($"{Math.Exp(log):N0} : 1"),
        >= 0 => Text($"{Math.Exp(log):0.0} : 1"),
        > -3 => Text($"1 : {Math.Exp(-log):0.0}"),
        _ => Text($"1 : {Math.Exp(-log):N0}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
