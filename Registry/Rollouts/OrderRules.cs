using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Http;

namespace Sluice.Registry.Rollouts;

/// <summary>An order that people give.</summary>
/// <param name="Decide">The rule.</param>
/// <param name="NeedsGeneration">Whether traffic to the canary may grow by it: then what was decided on must be named. Pausing and rolling back may be done blindly.</param>
internal sealed record OrderRule(Func<RolloutState, Cause, CommandOutcome> Decide, bool NeedsGeneration);

/// <summary>The orders by their names in paths, and the limits of what is said with them.</summary>
internal static class OrderRules
{
    private const int LongestReason = 2000;
    private const int LongestFigures = 64 * 1024;

    private static readonly Dictionary<string, OrderRule> Rules = new(StringComparer.Ordinal)
    {
        ["pause"] = new(RolloutOrders.Pause, NeedsGeneration: false),
        ["resume"] = new(RolloutOrders.Resume, NeedsGeneration: true),
        ["approve"] = new(RolloutOrders.Approve, NeedsGeneration: true),
        ["promote"] = new(RolloutOrders.Promote, NeedsGeneration: true),
        ["rollback"] = new(RolloutOrders.RollBack, NeedsGeneration: false),
    };

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Orders => Rules.Keys;

    /// <summary>The rule of an order; null when there is none of that name.</summary>
    public static OrderRule? Find(string order) => Rules.GetValueOrDefault(order);

    /// <summary>Whether a reason is longer than a reason may be.</summary>
    public static FieldProblem? FindProblem(string? text, string field) =>
        FieldProblem.Unless(text is null or { Length: > 0 and <= LongestReason }, field, $"1 to {LongestReason} characters are expected");

    /// <summary>The first field of a verdict that is not as expected.</summary>
    public static FieldProblem? FindProblem(VerdictProposal proposal) =>
        FindProblem(proposal.Reason, "reason")
        ?? FieldProblem.Unless(Enum.IsDefined(proposal.Verdict), "verdict", "Advance, Hold, StepDown, RollBack or Inconclusive is expected")
        ?? FieldProblem.Unless(proposal.Hold is not { } hold || Enum.IsDefined(hold), "hold", "Capacity, Evidence, Blind or StableSick is expected")
        ?? FieldProblem.Unless(
            proposal.Figures is not { } figures || (figures.ValueKind == JsonValueKind.Object && figures.GetRawText().Length <= LongestFigures),
            "figures", $"an object of at most {LongestFigures} bytes is expected");
}
