using System.Text.Json;

namespace Sluice.Contracts.Tests.Watch;

public sealed class ClusterStateTests
{
    private static readonly WatchEvent Snapshot = new("s", 5, IsSnapshot: true,
    [
        States.Change(ObjectKinds.Version, "wine/1", States.Version("wine", 1)),
        States.Change(ObjectKinds.Serving, "wine", new ServingState { Model = "wine", Generation = 1, Stable = 1 }),
        States.Change(ObjectKinds.Replica, "r", States.Replica("r")),
        States.Change(ObjectKinds.Gateway, "g", new GatewayStatus { Id = "g", Address = "http://g" }),
    ]);

    [Fact]
    public void Empty_knows_nothing()
    {
        Assert.Null(ClusterState.Empty.StoreId);
        Assert.Equal(0, ClusterState.Empty.Revision);
        Assert.Null(ClusterState.Empty.FindVersion("wine", 1));
        Assert.Throws<InvalidOperationException>(() => ClusterState.Empty.ToSnapshot());
    }

    [Fact]
    public void A_snapshot_is_everything()
    {
        var state = ClusterState.Empty.Apply(Snapshot);

        Assert.Equal(("s", 5), (state.StoreId, state.Revision));
        Assert.Equal(1, state.Serving["wine"].Stable);
        Assert.Equal("wine", state.FindVersion("wine", 1)?.Model);
        Assert.Null(state.FindVersion("wine", 2));
        Assert.Equal("cpu", state.Replicas["r"].Device);
        Assert.Equal("http://g", state.Gateways["g"].Address);
    }

    [Fact]
    public void A_change_replaces_adds_and_removes_and_leaves_the_former_state_as_it_was()
    {
        var before = ClusterState.Empty.Apply(Snapshot);
        var after = before.Apply(new WatchEvent("s", 6, IsSnapshot: false,
        [
            States.Change(ObjectKinds.Serving, "wine", new ServingState { Model = "wine", Generation = 2, Stable = 2 }),
            States.Change(ObjectKinds.Version, "wine/2", States.Version("wine", 2)),
            new WatchChange(ObjectKinds.Replica, "r", null),
            new WatchChange(ObjectKinds.Gateway, "unknown", null),
        ]));

        Assert.Equal((2, 2, 0, 1), (after.Serving["wine"].Stable, after.Versions.Count, after.Replicas.Count, after.Gateways.Count));
        Assert.Equal((1, 1, 1, 1), (before.Serving["wine"].Stable, before.Versions.Count, before.Replicas.Count, before.Gateways.Count));
    }

    [Fact]
    public void A_snapshot_forgets_what_was_before()
    {
        var state = ClusterState.Empty.Apply(Snapshot).Apply(new WatchEvent("other", 1, IsSnapshot: true, []));

        Assert.Equal(("other", 1, 0, 0), (state.StoreId, state.Revision, state.Versions.Count, state.Serving.Count));
    }

    [Fact]
    public void Kinds_that_are_not_known_are_passed_over()
    {
        var state = ClusterState.Empty.Apply(new WatchEvent("s", 6, IsSnapshot: true, [new WatchChange("balloon", "wine", JsonElement.Parse("[1]"))]));

        Assert.Equal(6, state.Revision);
    }

    [Fact]
    public void The_snapshot_of_a_state_yields_the_state()
    {
        var state = ClusterState.Empty.Apply(Snapshot);

        var json = JsonSerializer.SerializeToUtf8Bytes(state.ToSnapshot(), ContractsJson.Default.WatchEvent);
        var again = ClusterState.Empty.Apply(JsonSerializer.Deserialize(json, ContractsJson.Default.WatchEvent)!);

        Assert.Equal((state.StoreId, state.Revision), (again.StoreId, again.Revision));
        Assert.Equivalent(state.Versions, again.Versions);
        Assert.Equivalent(state.Serving, again.Serving);
        Assert.Equivalent(state.Replicas, again.Replicas);
        Assert.Equivalent(state.Gateways, again.Gateways);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": true}""")]
    [InlineData("""{"revision": 1, "isSnapshot": true, "changes": []}""")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": true, "changes": [null]}""")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": true, "changes": [{"kind": "serving"}]}""")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": true, "changes": [{"key": "k"}]}""")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": true, "changes": [{"kind": "serving", "key": "k", "value": 5}]}""")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": true, "changes": [{"kind": "serving", "key": "k", "value": {"model": null, "generation": 1}}]}""")]
    public void An_event_that_is_not_of_its_form_is_an_error_of_its_form(string json) => Assert.Throws<JsonException>(
        () => ClusterState.Empty.Apply(JsonSerializer.Deserialize(json, ContractsJson.Default.WatchEvent)!));
}
