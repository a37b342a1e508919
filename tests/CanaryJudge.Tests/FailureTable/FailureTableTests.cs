using System.Text.RegularExpressions;
using Sluice.CanaryJudge.Tests.Rounds;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.FailureTable;

/// <summary>
/// Every way in which other systems' analysis of canaries is known to have gone wrong, played to the whole judge: rounds, source and windows, by a Prometheus and
/// a Registry over HTTP, with a clock that the test moves.
/// </summary>
public sealed partial class FailureTableTests
{
    private const int Rows = 45;

    private static readonly FailureRow[] Played = [.. NoDataRows.All, .. StatisticsRows.All, .. OutageRows.All, .. RoutingRows.All];

    /// <summary>Rows, or parts of them, that other services answer for: by which test.</summary>
    private static readonly (int Row, string Path, string Test)[] Elsewhere =
    [
        (12, "tests/Registry.Tests/Rollouts/RolloutStartTests.cs", "A_start_that_is_not_as_expected_is_refused"), // a plan is complete and parsed, or refused
        (25, "tests/Gateway.Tests/PageTests.cs", "Three_thousand_routes_show_every_outcome_from_the_start_and_are_gone_with_their_models"), // every outcome is there at 0
        (28, "tests/Registry.Tests/Rollouts/RolloutRuleTests.cs", "Capacity_comes_before_weight_first_by_widening"), // and stable keeps its replicas to the end
        (29, "tests/Registry.Tests/Rollouts/RolloutModelTests.cs", "No_order_of_events_breaks_the_laws"), // a rollback is legal in every phase
        (29, "tests/Registry.Tests/Rollouts/RolloutRuleTests.cs", "A_promotion_can_be_taken_back_while_the_former_version_is_kept_and_not_afterwards"),
        (32, "tests/Registry.Tests/Rollouts/RolloutHttpTests.cs", "A_command_on_another_generation_changes_nothing"), // changes of the route have generations
        (34, "tests/Registry.Tests/Rollouts/RolloutRuleTests.cs", "While_reports_are_missing_nothing_is_concluded_from_them"), // ready replicas first, then the weight
        (34, "tests/Registry.Tests/Rollouts/RolloutRuleTests.cs", "A_good_version_goes_through_every_step_and_is_promoted_by_a_change_of_label"),
        (35, "tests/Registry.Tests/Rollouts/RolloutRuleTests.cs", "A_step_without_a_verdict_becomes_inconclusive_and_can_be_taken_up_again"), // without any judge, too
        (36, "tests/Registry.Tests/Rollouts/RolloutHttpTests.cs", "A_restart_loses_nothing_of_a_rollout"), // verdict and weight are one commit
        (41, "tests/Gateway.Tests/SplitTests.cs", "A_caller_who_was_moved_to_the_canary_stays_there_while_the_weight_rises"), // callers stay on both sides
        (41, "tests/Gateway.Tests/Splitting/TrafficSplitTests.cs", "A_larger_weight_only_moves_callers_from_stable_to_canary_and_a_smaller_one_only_back"),
        (42, "tests/Gateway.Tests/Splitting/TrafficSplitTests.cs", "Each_rollout_tries_other_callers_first"), // who is where is salted by the rollout
    ];

    public static TheoryData<string> Names => [.. Played.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Row(string name)
    {
        var row = Played.Single(row => row.Name == name);
        await using var trial = await Trial.StartAsync(row.Plan);
        await row.Story(trial);
    }

    [Fact]
    public void No_row_is_missing() => Assert.Equal(Enumerable.Range(1, Rows), Played.Select(row => row.Number).Concat(Elsewhere.Select(row => row.Row)).Distinct().Order());

    [Fact]
    public async Task What_is_tested_elsewhere_is()
    {
        foreach (var (row, path, test) in Elsewhere)
        {
            var text = await File.ReadAllTextAsync(Repository.PathOf(path.Split('/')), TestContext.Current.CancellationToken);
            Assert.True(Method().Matches(text).Any(match => match.Groups[1].Value == test), $"row {row}: {path} has no test {test}");
        }
    }

    [GeneratedRegex(@"^    public (?:async Task|void) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();
}
