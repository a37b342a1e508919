using Sluice.CanaryJudge.Tests.Rounds;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.FailureTable;

/// <summary>A way in which the analysis of a canary is known to go wrong.</summary>
/// <param name="Number">Its place in the table.</param>
/// <param name="What">What went wrong, and where it is known from.</param>
/// <param name="Story">What the judge makes of it; asserts.</param>
internal sealed record FailureRow(int Number, string What, Func<Trial, Task> Story)
{
    /// <summary>Changes the plan.</summary>
    public Func<RolloutPlan, RolloutPlan>? Plan { get; init; }

    public string Name => $"{Number:00} {What}";
}
