using System.Globalization;
using System.Text;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.Registry.Rollouts.Explaining;

/// <summary>Traffic of a model.</summary>
/// <param name="RequestsPerSecond">Of both versions.</param>
/// <param name="StableErrorRate">Stable's share of failures, 0 to 1.</param>
internal sealed record ObservedTraffic(double RequestsPerSecond, double StableErrorRate)
{
    /// <summary>The traffic in a stretch of evidence: requests of all gateways over the time that it covers; null where it covers none.</summary>
    public static ObservedTraffic? Of(IReadOnlyList<Look> looks)
    {
        var windows = looks.SelectMany(look => look.Windows).ToArray();
        if (windows.Length == 0)
        {
            return null;
        }

        var seconds = (windows.Max(window => window.To) - windows.Min(window => window.From)).TotalSeconds;
        var (requests, judged) = (windows.Sum(window => window.Stable.Routed + window.Canary.Routed), windows.Sum(window => window.Stable.Judged));
        return requests == 0 ? null : new(requests / seconds, judged == 0 ? 0 : windows.Sum(window => window.Stable.Failed) / (double)judged);
    }
}

/// <summary>What is to be expected of a plan, in figures and words. Pure.</summary>
internal static class PlanForecasts
{
    /// <summary>The forecast of a plan for the rule <c>sequential</c>.</summary>
    public static PlanForecast Of(string profile, RolloutPlan plan, ObservedTraffic traffic, IReadOnlyList<string> refusals)
    {
        var opening = new Opening { Rule = plan.Analysis.Rule, Steps = plan.Steps, Settings = JudgeSettings.For(profile, plan) };
        var forecast = Forecast.Of(opening, traffic.RequestsPerSecond, traffic.StableErrorRate);
        return new PlanForecast(Text(forecast, traffic, refusals), plan, traffic.RequestsPerSecond, traffic.StableErrorRate, forecast, refusals);
    }

    private static string Text(Forecast forecast, ObservedTraffic traffic, IReadOnlyList<string> refusals)
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        foreach (var refusal in refusals)
        {
            text.AppendLine(culture, $"It would be refused: {refusal}.");
        }

        text.AppendLine(culture, $"At {traffic.RequestsPerSecond:0.##} requests a second, of which stable fails {traffic.StableErrorRate:0.###%}: {(forecast.Minutes is { } minutes ? string.Create(culture, $"about {minutes:0} min until the promotion begins") : "no promotion is to be expected in the plan's time")}.");
        for (var i = 0; i < forecast.Steps.Count; i++)
        {
            var step = forecast.Steps[i];
            text.AppendLine(culture, $"Step {i} at {step.Weight}: {(step.Minutes is { } time ? string.Create(culture, $"{time:0.#} min") : "longer than a step may last")}. One that fails three times as often would be found after {step.DetectMinutes:0.#} min and {step.BadRequests:0} bad requests.");
        }

        return text.Append("Averages: a single rollout may take half or twice as long. A bad request of a canary is answered by stable where it was held.").AppendLine().ToString().ReplaceLineEndings("\n");
    }
}
