using Sluice.Contracts;
using Sluice.Registry.Http;

namespace Sluice.Registry.Rollouts;

/// <summary>The plans that rollouts begin as, and what a plan must be.</summary>
internal static class RolloutPlans
{
    /// <summary>Careful, for users: about 25 minutes at least.</summary>
    public const string Production = "production";

    /// <summary>Quick, for a developer who watches: about two minutes. Its verdicts rest on less.</summary>
    public const string Development = "development";

    private const int MostSteps = 50;
    private const int LongestSeconds = 30 * 24 * 3600;

    private static readonly RolloutPlan ProductionPlan = new()
    {
        Steps =
        [
            new RolloutStep(new Weight(500), HoldSeconds: 120, WarmUp: true),
            new RolloutStep(new Weight(500)),
            new RolloutStep(new Weight(2000)),
            new RolloutStep(new Weight(5000)),
            new RolloutStep(new Weight(8000), HoldSeconds: 900), // the last fifth stays with stable, for comparison, while the version bakes
        ],
        PrepareTimeoutSeconds = 600,
        PromoteTimeoutSeconds = 600,
        KeepPreviousSeconds = 600,
        MaxStepAgeSeconds = 6 * 3600,
    };

    private static readonly RolloutPlan DevelopmentPlan = new()
    {
        Steps =
        [
            new RolloutStep(new Weight(2000), HoldSeconds: 10, WarmUp: true),
            new RolloutStep(new Weight(2000)),
            new RolloutStep(new Weight(5000), HoldSeconds: 15),
        ],
        PrepareTimeoutSeconds = 60,
        PromoteTimeoutSeconds = 60,
        KeepPreviousSeconds = 60,
        MaxStepAgeSeconds = 600,
    };

    /// <summary>The names of the profiles.</summary>
    public static IReadOnlyList<string> Profiles { get; } = [Production, Development];

    /// <summary>The plan of a profile; null when there is none of that name.</summary>
    public static RolloutPlan? Find(string profile) => profile switch
    {
        Production => ProductionPlan,
        Development => DevelopmentPlan,
        _ => null,
    };

    /// <summary>The plan that a request asks for, or what is not as expected in it.</summary>
    public static (string Profile, RolloutPlan? Plan, FieldProblem? Problem) Make(StartRollout wish, string defaultProfile)
    {
        var profile = wish.Profile ?? defaultProfile;
        if (Find(profile) is not { } standard)
        {
            return (profile, null, new FieldProblem("profile", $"'{profile}' is not one of {string.Join(", ", Profiles)}"));
        }

        var plan = With(standard, wish);
        var problem = FindProblem(plan) ?? OrderRules.FindProblem(wish.Reason, "reason") ?? OrderRules.FindProblem(wish.Override, "override");
        return problem is null ? (profile, plan, null) : (profile, null, problem);
    }

    /// <summary>A profile's plan with what the request says instead.</summary>
    public static RolloutPlan With(RolloutPlan plan, StartRollout wish) => plan with
    {
        Steps = wish.Steps ?? plan.Steps,
        PromotionGate = wish.PromotionGate ?? plan.PromotionGate,
        PrepareTimeoutSeconds = wish.PrepareTimeoutSeconds ?? plan.PrepareTimeoutSeconds,
        PromoteTimeoutSeconds = wish.PromoteTimeoutSeconds ?? plan.PromoteTimeoutSeconds,
        KeepPreviousSeconds = wish.KeepPreviousSeconds ?? plan.KeepPreviousSeconds,
        MaxStepAgeSeconds = wish.MaxStepAgeSeconds ?? plan.MaxStepAgeSeconds,
        Webhook = wish.Webhook ?? plan.Webhook,
        MirrorShare = wish.MirrorShare ?? plan.MirrorShare,
        Analysis = wish.Analysis ?? plan.Analysis,
    };

    /// <summary>The first field that is not as a plan's must be; null when all are.</summary>
    public static FieldProblem? FindProblem(RolloutPlan plan) =>
        FieldProblem.Unless(plan.Steps.Count is > 0 and <= MostSteps, "steps", $"1 to {MostSteps} are expected")
        ?? plan.Steps.Select(FindProblem).FirstOrDefault(problem => problem is not null)
        ?? FieldProblem.Unless(
            plan.Steps.Zip(plan.Steps.Skip(1)).All(pair => pair.First.Weight <= pair.Second.Weight), "steps", "weights that never fall are expected")
        ?? Seconds(plan.PrepareTimeoutSeconds, "prepareTimeoutSeconds", 1)
        ?? Seconds(plan.PromoteTimeoutSeconds, "promoteTimeoutSeconds", 1)
        ?? Seconds(plan.KeepPreviousSeconds, "keepPreviousSeconds", 0)
        ?? Seconds(plan.MaxStepAgeSeconds, "maxStepAgeSeconds", 1)
        ?? FindProblem(plan.Analysis)
        ?? FieldProblem.Unless(
            plan.Analysis.MaxDisagreement is null || plan.MirrorShare > Weight.None, "mirrorShare", "more than 0 is expected: analysis.maxDisagreement is a limit on mirrored requests")
        ?? FieldProblem.Unless(
            plan.Webhook is null || (plan.Webhook.IsAbsoluteUri && plan.Webhook.Scheme is "https" or "http" && plan.Webhook.UserInfo.Length == 0),
            "webhook", "an absolute http or https URL without credentials is expected")
        ?? FieldProblem.Unless(
            plan.Webhook is not null || !(plan.PromotionGate == StepGate.Webhook || plan.Steps.Any(step => step.Gate == StepGate.Webhook)),
            "webhook", "missing; a gate asks for it");

    private static FieldProblem? FindProblem(RolloutStep? step, int index) =>
        FieldProblem.Unless(step is not null && step.Weight > Weight.None, $"steps[{index}].weight", "1 to 10000 basis points are expected")
        ?? Seconds(step!.HoldSeconds, $"steps[{index}].holdSeconds", 0)
        ?? FieldProblem.Unless(Enum.IsDefined(step.Gate), $"steps[{index}].gate", "None, Approval or Webhook is expected");

    private static FieldProblem? FindProblem(RolloutAnalysis analysis) =>
        FieldProblem.Unless(Enum.IsDefined(analysis.Rule), "analysis.rule", "Sequential, Checks or None is expected")
        ?? FieldProblem.Unless(analysis.MaxErrorRate is > 0 and <= 1, "analysis.maxErrorRate", "more than 0, at most 1 is expected")
        ?? FieldProblem.Unless(analysis.MaxLatencySeconds is > 0 and <= 3600, "analysis.maxLatencySeconds", "more than 0, at most 3600 s is expected")
        ?? FieldProblem.Unless(analysis.MinRequests is >= 1 and <= 1_000_000_000, "analysis.minRequests", "1 to 1000000000 is expected")
        ?? FieldProblem.Unless(analysis.MaxDisagreement is null or (> 0 and <= 1), "analysis.maxDisagreement", "more than 0, at most 1 is expected")
        ?? FieldProblem.Unless(analysis.MaxDisagreement is null || analysis.Rule == AnalysisRule.Sequential, "analysis.maxDisagreement", "only the rule Sequential knows this limit");

    private static FieldProblem? Seconds(int seconds, string field, int least) =>
        FieldProblem.Unless(seconds >= least && seconds <= LongestSeconds, field, $"{least} to {LongestSeconds} seconds are expected");
}
