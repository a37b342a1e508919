using Sluice.Contracts;

namespace Sluice.Gateway.Tests.Routing;

public sealed class RouteTableTests
{
    private static readonly ClusterState Wine = ClusterState.Empty.WithVersion("wine", 1).WithVersion("wine", 2).WithServing("wine", stable: 1);

    [Fact]
    public void Only_replicas_that_have_exactly_the_version_ready_are_chosen_from()
    {
        var table = Wine
            .WithReplica("ready", ("wine", 1, VersionState.Ready))
            .WithReplica("other-version", ("wine", 2, VersionState.Ready))
            .WithReplica("other-model", ("beer", 1, VersionState.Ready))
            .WithReplica("loading", ("wine", 1, VersionState.Loading))
            .WithReplica("failed", ("wine", 1, VersionState.Failed))
            .WithReplica("draining", ("wine", 1, VersionState.Draining))
            .Table();

        Assert.Equal(["ready"], table.Find("wine")!.Default!.Ids());
    }

    [Fact]
    public void A_replica_with_another_artifact_under_the_same_number_is_not_chosen()
    {
        var other = new ReplicaStatus
        {
            Id = "other",
            Pool = Pools.Stable,
            Address = "http://other:8080",
            Device = "cpu",
            Versions = [new ReplicaVersion("wine", 1, "sha256:" + new string('0', 64), VersionState.Ready)],
        };

        Assert.False(Wine.With(other).Table().Find("wine")!.Default!.IsReady);
    }

    [Fact]
    public void The_previous_version_answers_while_the_stable_one_is_ready_nowhere()
    {
        var changed = Wine.WithServing("wine", stable: 2, previous: 1, generation: 2).WithReplica("a", ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Loading));
        Assert.Equal(1, changed.Table().Find("wine")!.Default!.Version);

        var ready = changed.WithReplica("b", ("wine", 2, VersionState.Ready));
        Assert.Equal(2, ready.Table().Find("wine")!.Default!.Version);
    }

    [Fact]
    public void The_stable_version_is_the_one_that_is_missed_when_neither_is_ready() =>
        Assert.Equal(2, Wine.WithServing("wine", stable: 2, previous: 1).Table().Find("wine")!.Default!.Version);

    [Fact]
    public void A_model_without_a_stable_version_has_no_default_and_its_versions_can_be_asked_for()
    {
        var route = ClusterState.Empty.WithVersion("new", 1).WithReplica("a", ("new", 1, VersionState.Ready)).Table().Find("new")!;

        Assert.Null(route.Default);
        Assert.True(route.Find(1)!.IsReady);
        Assert.Null(route.Find(2));
    }

    [Fact]
    public void A_replica_is_the_same_object_from_table_to_table_and_another_one_at_another_address()
    {
        var state = Wine.WithReplica("a", ("wine", 1, VersionState.Ready));
        var first = state.Table();
        first.Replicas["a"].Begin();

        var second = state.WithReplica("b").WithReplica("a", ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Loading)).Table(first);
        Assert.Same(first.Replicas["a"], second.Replicas["a"]);
        Assert.Equal(1, second.Replicas["a"].InFlight);

        var moved = state.WithReplicaAt("a", "http://elsewhere:8080", ("wine", 1, VersionState.Ready)).Table(second);
        Assert.NotSame(first.Replicas["a"], moved.Replicas["a"]);
        Assert.Equal("http://elsewhere:8080/v2/models/wine/versions/1/infer", moved.Find("wine")!.Default!.Ready[0].AddressFor(InferenceProtocol.V2).AbsoluteUri);
    }

    [Fact]
    public void Routes_that_did_not_change_are_taken_over_and_those_that_did_are_not()
    {
        var state = Wine.WithVersion("beer", 1).WithServing("beer", 1).WithReplica("a", ("wine", 1, VersionState.Ready), ("beer", 1, VersionState.Ready));
        var first = state.Table();

        var second = state.WithReplica("b", ("wine", 1, VersionState.Ready)).Table(first);

        Assert.Same(first.Find("beer")!.Default, second.Find("beer")!.Default);
        Assert.NotSame(first.Find("wine")!.Default, second.Find("wine")!.Default);
        Assert.Equal(["a", "b"], second.Find("wine")!.Default!.Ids());
        Assert.Equal(["a"], first.Find("wine")!.Default!.Ids());
    }

    [Fact]
    public void A_replica_that_left_is_in_no_route()
    {
        var state = Wine.WithReplica("a", ("wine", 1, VersionState.Ready)).WithReplica("b", ("wine", 1, VersionState.Ready));

        var table = state.With(ObjectKinds.Replica, "a", null).Table(state.Table());

        Assert.Equal(["b"], table.Find("wine")!.Default!.Ids());
        Assert.Equal(["b"], table.Replicas.Keys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not an address")]
    [InlineData("/relative")]
    [InlineData("ftp://replica:21")]
    public void A_replica_whose_address_is_none_takes_no_other_route_with_it(string address)
    {
        var table = Wine.WithReplicaAt("bad", address, ("wine", 1, VersionState.Ready)).WithReplica("good", ("wine", 1, VersionState.Ready)).Table();

        Assert.Equal(["good"], table.Find("wine")!.Default!.Ids());
    }

    [Fact]
    public void The_report_is_ordered_by_model_and_the_same_list_until_something_in_it_changes()
    {
        var state = Wine.WithServing("beer", stable: null, generation: 7);
        var first = state.Table();
        Assert.Equal([new GatewayRoute("beer", 7, Weight.None), new GatewayRoute("wine", 1, Weight.None)], first.Report);

        var second = state.WithReplica("a", ("wine", 1, VersionState.Ready)).Table(first);
        Assert.Same(first.Report, second.Report);

        var third = state.WithServing("wine", stable: 2, previous: 1, generation: 2).Table(second);
        Assert.NotSame(first.Report, third.Report);
        Assert.Equal(2, third.Report[1].Generation);
    }

    [Fact]
    public void An_open_breaker_is_reported_and_the_next_rollout_begins_with_a_closed_one()
    {
        var state = Wine.WithVersion("wine", 2).With(Tried("wine.1"));
        var first = state.Table();
        var breaker = first.Find("wine")!.Find(2)!.Breaker;
        for (var i = 0; i < 20; i++)
        {
            breaker.Note(FaultClass.Model);
        }

        Assert.NotNull(breaker.OpenSince);
        var second = state.Table(first);
        Assert.Equal(breaker.OpenSince, Assert.Single(second.Report).BreakerOpenSince);
        Assert.Same(second.Report, state.Table(second).Report);

        var third = state.With(Tried("wine.2")).Table(second);
        Assert.Null(Assert.Single(third.Report).BreakerOpenSince);

        static ServingState Tried(string rollout) => new() { Model = "wine", Generation = 2, Stable = 1, Canary = 2, CanaryWeight = new Weight(500), Rollout = rollout };
    }

    [Fact]
    public void A_model_that_goes_is_unknown()
    {
        var state = ClusterState.Empty.WithVersion("wine", 1).WithServing("wine", 1);
        var gone = state.With(ObjectKinds.Version, "wine/1", null).With(ObjectKinds.Serving, "wine", null);

        Assert.Null(gone.Table(state.Table()).Find("wine"));
    }
}
