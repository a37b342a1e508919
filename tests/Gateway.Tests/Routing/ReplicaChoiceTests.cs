using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Tests.Routing;

public sealed class ReplicaChoiceTests
{
    private const long Now = 1000;

    [Fact]
    public void Of_two_replicas_the_one_with_fewer_requests_in_flight_is_chosen()
    {
        var ready = Ready("a", "b");
        ready[0].Replica.Begin();

        for (var i = 0; i < 100; i++)
        {
            Assert.Same(ready[1], ReplicaChoice.First(ready, Now, new Random(i)));
        }
    }

    [Fact]
    public void The_busiest_of_all_is_never_chosen_and_the_others_all_are()
    {
        var ready = Ready("a", "b", "c", "d");
        ready[2].Replica.Begin();
        var random = new Random(1);

        var chosen = Enumerable.Range(0, 1000).Select(_ => ReplicaChoice.First(ready, Now, random).Replica.Id).GroupBy(id => id).ToDictionary(g => g.Key, g => g.Count());

        Assert.Equal(["a", "b", "d"], chosen.Keys.Order());
        Assert.All(chosen.Values, count => Assert.InRange(count, 200, 470));
    }

    [Fact]
    public void A_replica_that_refused_a_connection_is_passed_over_until_its_time_is_up()
    {
        var ready = Ready("a", "b");
        ready[1].Replica.Begin();
        Assert.True(ready[0].Replica.Failed(Now, 10));
        Assert.False(ready[0].Replica.Failed(Now + 1, 9));

        Assert.Same(ready[1], ReplicaChoice.First(ready, Now + 9, Random.Shared));
        Assert.Same(ready[0], ReplicaChoice.First(ready, Now + 10, Random.Shared));
    }

    [Fact]
    public void The_only_replica_is_chosen_even_when_it_is_avoided()
    {
        var ready = Ready("a");
        ready[0].Replica.Failed(Now, 10);

        Assert.Same(ready[0], ReplicaChoice.First(ready, Now, Random.Shared));
    }

    [Fact]
    public void Another_replica_is_the_least_busy_that_was_not_tried_and_none_when_all_were()
    {
        var ready = Ready("a", "b", "c");
        ready[1].Replica.Begin();

        Assert.Same(ready[2], ReplicaChoice.Another(ready, [ready[0]], Now));
        Assert.Same(ready[1], ReplicaChoice.Another(ready, [ready[0], ready[2]], Now));
        Assert.Null(ReplicaChoice.Another(ready, ready, Now));
    }

    private static ReadyReplica[] Ready(params string[] ids)
    {
        var state = ClusterState.Empty.WithVersion("wine", 1);
        foreach (var id in ids)
        {
            state = state.WithReplica(id, ("wine", 1, VersionState.Ready));
        }

        return [.. state.Table().Find("wine")!.Find(1)!.Ready.OrderBy(each => each.Replica.Id)];
    }
}
