using System.Globalization;
using Sluice.Contracts;
using Sluice.Gateway.Routing;
using Sluice.Gateway.Tests.Neighbours;

namespace Sluice.Gateway.Tests.Routing;

/// <summary>However the state came about, the table that was made from the one before says what one made from nothing would.</summary>
public sealed class RouteTableStoryTests
{
    private static readonly string[] Models = ["beer", "tea", "wine"];
    private static readonly string[] Replicas = ["a", "b", "c"];

    [Fact]
    public void A_table_from_the_one_before_is_the_table_from_nothing()
    {
        for (var story = 0; story < 200; story++)
        {
            var random = new Random(story);
            var state = ClusterState.Empty;
            var table = RouteTable.Empty;
            for (var step = 0; step < 30; step++)
            {
                state = Change(state, random);
                table = state.Table(table);
                Assert.True(Describe(state.Table()) == Describe(table), $"story {story}, step {step}:\n{Describe(state.Table())}\n{Describe(table)}");
            }
        }
    }

    [Fact]
    public void What_concerns_one_model_leaves_the_routes_of_all_others_as_they_are()
    {
        var state = ClusterState.Empty
            .WithVersion("wine", 1).WithServing("wine", 1).WithVersion("beer", 1).WithServing("beer", 1)
            .WithReplica("a", ("wine", 1, VersionState.Ready), ("beer", 1, VersionState.Ready));
        var first = state.Table();

        var second = state.WithServing("wine", 1, generation: 2).Table(first);
        var third = state.With(ObjectKinds.Gateway, "g", null).Table(first);

        Assert.NotSame(first.Find("wine"), second.Find("wine"));
        Assert.Same(first.Find("beer"), second.Find("beer"));
        Assert.Same(first.Find("wine"), third.Find("wine"));
    }

    private static ClusterState Change(ClusterState state, Random random)
    {
        var model = Models[random.Next(Models.Length)];
        var version = random.Next(1, 4);
        var replica = Replicas[random.Next(Replicas.Length)];
        return random.Next(8) switch
        {
            0 or 1 => state.With(FakeRegistry.NewVersion(model, version) with { Digest = $"sha256:{model}-{version}-{random.Next(2)}" }),
            2 => state.With(ObjectKinds.Version, ObjectKinds.VersionKey(model, version), null),
            3 => state.WithServing(model, random.Next(4) is var stable and > 0 ? stable : null, random.Next(4), state.Revision),
            4 => state.With(ObjectKinds.Serving, model, null),
            5 => state.With(ObjectKinds.Replica, replica, null),
            _ => state.With(new ReplicaStatus
            {
                Id = replica,
                Pool = Pools.Stable,
                Address = random.Next(10) == 0 ? "none" : $"http://{replica}-{random.Next(2)}:8080",
                Device = "cpu",
                Versions =
                [
                    .. Models.SelectMany(each => Enumerable.Range(1, 3).Where(_ => random.Next(2) == 0).Select(number =>
                        new ReplicaVersion(each, number, $"sha256:{each}-{number}-{random.Next(2)}", random.Next(4) == 0 ? VersionState.Loading : VersionState.Ready))),
                ],
            }),
        };
    }

    private static string Describe(RouteTable table) => string.Join('\n', table.Models.OrderBy(model => model.Model, StringComparer.Ordinal).Select(model =>
        string.Create(CultureInfo.InvariantCulture, $"{model.Model} {model.Serving} {model.Default?.Version} {model.Canary?.Version} {model.CanaryWeight} ")
        + string.Join(' ', model.Versions.Select(each =>
            $"{each.Version}={each.Definition.Digest}@{string.Join(',', each.Ready.Select(ready => ready.Replica.Id + ready.Replica.Address).Order())}"))))
        + $"\n{string.Join(' ', table.Served)}\n{string.Join(' ', table.Replicas.Keys.Order())}\n{string.Join(' ', table.Report)}";
}
