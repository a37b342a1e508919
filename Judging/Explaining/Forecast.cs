using Sluice.Contracts;

namespace Sluice.Judging;

/// <summary>What is to be expected of one step.</summary>
/// <param name="Weight">The canary's share.</param>
/// <param name="Minutes">How long a canary as good as stable stays at it; null when longer than a step may last.</param>
/// <param name="DetectMinutes">How long a canary that fails three times as often as stable would stay, if it began to fail at this step.</param>
/// <param name="BadRequests">How many of its requests would fail until then.</param>
public sealed record StepForecast(Weight Weight, double? Minutes, double DetectMinutes, double BadRequests);

/// <summary>What is to be expected of a plan at a given traffic, for the rule <c>sequential</c>. Averages: a single rollout may take half or twice as long.</summary>
/// <param name="Minutes">Until the promotion begins; null when it is not to be expected in the plan's time.</param>
/// <param name="Steps">By step.</param>
public sealed record Forecast(double? Minutes, IReadOnlyList<StepForecast> Steps)
{
    private const double Reaction = 30; // seconds: a scrape, a look, a weight
    private const double Bad = 3;
    private const double TypicalTail = 0.02; // the edge of the latency proof is chosen for it

    /// <summary>The forecast of a plan.</summary>
    /// <param name="opening">Steps and limits.</param>
    /// <param name="requestsPerSecond">Of the model, to both versions together; more than 0.</param>
    /// <param name="stableErrorRate">Stable's share of failed requests, 0 to 1.</param>
    public static Forecast Of(Opening opening, double requestsPerSecond, double stableErrorRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(requestsPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(stableErrorRate);
        var progress = new Progress(opening.Settings, stableErrorRate);
        var steps = new List<StepForecast>();
        for (var i = 0; i < opening.Steps.Count; i++)
        {
            var seconds = progress.Pass(opening, i, requestsPerSecond);
            var (detect, bad) = Detection(opening.Settings, opening.Steps[i].Weight, requestsPerSecond, Math.Max(stableErrorRate, 1e-4));
            steps.Add(new(opening.Steps[i].Weight, seconds / 60, detect / 60, bad));
        }

        return new Forecast(steps.TrueForAll(step => step.Minutes is not null) ? steps.Sum(step => step.Minutes) : null, steps);
    }

    /// <summary>Canary requests until a rise of the share of failures is found, on average.</summary>
    /// <param name="settings">The limits.</param>
    /// <param name="weight">The canary's share, more than 0 and less than 1.</param>
    /// <param name="stableErrorRate">Stable's share of failures, more than 0.</param>
    /// <param name="ratio">How many times as often the canary fails.</param>
    public static double RequestsToDetect(JudgeSettings settings, double weight, double stableErrorRate, double ratio) =>
        Math.Log(RatioTest.ErrorAlternatives.Count / settings.ErrorAlpha) / Information(weight, stableErrorRate, ratio, settings.ErrorRatioAllowed);

    private static (double Seconds, double Bad) Detection(JudgeSettings settings, Weight weight, double requestsPerSecond, double stableErrorRate)
    {
        var share = Math.Min(weight.BasisPoints / (double)Weight.Whole, 0.99);
        var rate = Math.Min(Bad * stableErrorRate, 1);
        var seconds = (RequestsToDetect(settings, share, stableErrorRate, Bad) / (requestsPerSecond * share)) + Reaction;
        return (seconds, seconds * requestsPerSecond * share * rate);
    }

    // Per canary request: hits of both, times how much the share of the canary among them tells.
    private static double Information(double weight, double stableRate, double ratio, double against)
    {
        double Share(double of) => of * weight / ((of * weight) + 1 - weight);
        return ((ratio * stableRate) + (stableRate * (1 - weight) / weight)) * Divergence(Share(ratio), Share(against));
    }

    private static double Divergence(double p, double q) =>
        (p == 0 ? 0 : p * Math.Log(p / q)) + (p == 1 ? 0 : (1 - p) * Math.Log((1 - p) / (1 - q)));

    /// <summary>How far the proofs are, step after step.</summary>
    private sealed class Progress(JudgeSettings settings, double rate)
    {
        private readonly double _errorsNeeded = Math.Log(2 / settings.Beta); // two routes are averaged, and one of them brings it about
        private readonly double _latencyNeeded = Math.Log(1 / settings.Beta);
        private double _byRatio, _byMargin, _latency, _seconds;

        public double? Pass(Opening opening, int index, double requestsPerSecond)
        {
            var step = opening.Steps[index];
            var share = Math.Min(step.Weight.BasisPoints / (double)Weight.Whole, 0.99);
            var perSecond = requestsPerSecond * share;
            var seconds = step.WarmUp ? step.HoldSeconds : Math.Max(
                step.HoldSeconds, Math.Min(Math.Max(settings.MinRequests / perSecond, settings.StepSeconds), settings.StepPatienceSeconds));
            if (!step.WarmUp)
            {
                var needsProof = index + 1 >= opening.Steps.Count || opening.Steps[index + 1].Weight.BasisPoints > settings.ProofAbove;
                seconds = needsProof ? Math.Max(Math.Max(seconds, settings.ProofSeconds - _seconds), ProofSeconds(share, perSecond)) : seconds;
                Add(share, perSecond * seconds);
            }

            _seconds += seconds;
            return seconds <= settings.MaxStepAgeSeconds || step.WarmUp ? seconds : null;
        }

        private double ProofSeconds(double share, double perSecond)
        {
            var errors = Math.Min((_errorsNeeded - _byRatio) / ByRatio(share), (_errorsNeeded - _byMargin) / ByMargin());
            return Math.Max(0, Math.Max(errors, (_latencyNeeded - _latency) / ByLatency(share))) / perSecond;
        }

        private void Add(double share, double requests) =>
            (_byRatio, _byMargin, _latency) = (_byRatio + (requests * ByRatio(share)), _byMargin + (requests * ByMargin()), _latency + (requests * ByLatency(share)));

        private double ByRatio(double share) => Information(share, rate, 1, settings.ErrorRatioExcluded);

        private double ByMargin() => NonInferiority.Reference(rate, settings.ErrorRatioExcluded, settings.ErrorMargin) is var reference and < 1 ? Divergence(rate, reference) : 0;

        private double ByLatency(double share) => Information(share, TypicalTail, 1, settings.LatencyRatioExcluded);
    }
}
