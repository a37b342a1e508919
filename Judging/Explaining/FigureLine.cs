using System.Globalization;

namespace Sluice.Judging;

/// <summary>The tests of a judgement, a line each, and what is shown beside them.</summary>
/// <param name="Test">What is counted, and what it is held against.</param>
/// <param name="Canary">The canary's count of how many.</param>
/// <param name="Stable">Stable's, in the same windows; empty where the test looks at the canary alone.</param>
/// <param name="Evidence">The odds so far.</param>
/// <param name="Needed">The odds at which it decides.</param>
/// <param name="IsReached">Whether it does.</param>
public sealed record FigureLine(string Test, string Canary, string Stable, string Evidence, string Needed, bool IsReached)
{
    /// <summary>The lines of a judgement's figures, without the tests that were not made.</summary>
    public static IReadOnlyList<FigureLine> Of(Figures figures, JudgeSettings settings)
    {
        var culture = CultureInfo.InvariantCulture;
        var lines = new (string Test, TestFigure? Figure)[]
        {
            (string.Create(culture, $"failures, over {settings.ErrorRatioAllowed:0.##} times stable's"), figures.Errors),
            (string.Create(culture, $"slow answers (over {figures.Latency?.Limit ?? 0:0.#####} s), over {settings.LatencyRatioAllowed:0.##} times stable's"), figures.Latency),
            (string.Create(culture, $"failures, over {settings.MaxErrorRate:0.## %}"), figures.AbsoluteErrors),
            (string.Create(culture, $"answers over {settings.MaxLatencySeconds:0.#####} s, over {JudgeSettings.LatencyTail:0.## %}"), figures.AbsoluteLatency),
            (string.Create(culture, $"failures, over {settings.CatastrophicFactor * settings.MaxErrorRate:0.## %}, with the warm-up"), figures.Catastrophic),
            (string.Create(culture, $"different answers, over {settings.MaxDisagreement ?? 0:0.## %}"), figures.Disagreement),
            (string.Create(culture, $"share of traffic, not {figures.Share?.Limit ?? 0:0.## %}"), figures.Share),
            (string.Create(culture, $"refused requests, over {settings.ErrorRatioAllowed:0.##} times stable's"), figures.ClientErrors),
            (string.Create(culture, $"proof: failures, under {settings.ErrorRatioExcluded:0.##} times stable's or {settings.ErrorMargin * 100:0.##} points more"), figures.ErrorProof),
            (string.Create(culture, $"proof: slow answers (over {figures.LatencyProof?.Limit ?? 0:0.#####} s), under {settings.LatencyRatioExcluded:0.##} times stable's or {settings.LatencyMargin * 100:0.##} points more"), figures.LatencyProof),
            (string.Create(culture, $"proof of tier B: failures, under {settings.MaxErrorRate:0.## %}"), figures.ErrorCeiling),
            (string.Create(culture, $"proof of tier B: answers over {settings.MaxLatencySeconds:0.#####} s, under {JudgeSettings.LatencyTail:0.## %}"), figures.LatencyCeiling),
        };
        return [.. lines.Where(line => line.Figure is not null).Select(line => Of(line.Test, line.Figure!)), .. Shown(figures)];
    }

    // What is shown and decides nothing.
    private static IEnumerable<FigureLine> Shown(Figures figures)
    {
        if (figures.Loads is { } loads)
        {
            yield return Show("replicas", load => string.Create(CultureInfo.InvariantCulture, $"{load.Replicas:N0}"));
            yield return Show("requests a second, each replica", load => string.Create(CultureInfo.InvariantCulture, $"{load.RequestsPerSecond:0.#}"));
            yield return Show("replicas' requests in work, of what they can", load => string.Create(CultureInfo.InvariantCulture, $"{load.Busy:0.00}"));
            yield return Show("requests waiting in queues", load => string.Create(CultureInfo.InvariantCulture, $"{load.Waiting:N0}"));
        }

        if (figures.ClassShift is { } shift)
        {
            yield return new("distance of the classes predicted (0 to 1)", string.Create(CultureInfo.InvariantCulture, $"{shift:0.000}"), "", "", "", false);
        }

        FigureLine Show(string what, Func<ArmLoad, string> text) => new(what, text(loads!.Canary), text(loads.Stable), "", "", false);
    }

    private static FigureLine Of(string test, TestFigure figure)
    {
        string Count(long hits, long of) => string.Create(CultureInfo.InvariantCulture, $"{hits:N0} of {of:N0}");
        var isTest = figure.LogNeeded > 0; // the rule checks only counts
        return new(
            test, Count(figure.CanaryHits, figure.Canary), figure.Stable == 0 ? "" : Count(figure.StableHits, figure.Stable),
            isTest ? Sentence.Odds(figure.LogEvidence) : "", isTest ? Sentence.Odds(figure.LogNeeded) : "", isTest && figure.IsReached);
    }
}
