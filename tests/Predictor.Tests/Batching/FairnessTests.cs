using Sluice.Predictor.Batching;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Batching;

/// <summary>One model's flood, or its slow runs, leave the other its share.</summary>
public sealed class FairnessTests
{
    [Fact]
    public void A_place_goes_to_whoever_waits_and_has_computed_least()
    {
        using var places = new ComputePlaces(1);
        var order = new List<string>();
        var (slow, fast, late) = (new User("slow", order), new User("fast", order), new User("late", order));
        Assert.True(places.TryTake(slow));
        places.Wait(fast);
        places.Wait(slow);
        places.Release(slow, TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 10; i++)
        {
            places.Wait(fast);
            places.Release(fast, TimeSpan.FromMilliseconds(10)); // ten short runs weigh as much as a long one
        }

        Assert.Equal([.. Enumerable.Repeat("fast", 10), "slow"], order);

        // Who comes late does not claim what it did not use before.
        order.Clear();
        places.Wait(late); // beside fast, which still waits
        places.Release(slow, TimeSpan.FromMilliseconds(100));
        places.Release(fast, TimeSpan.FromMilliseconds(10));
        Assert.Equal(["fast", "late"], order);
        Assert.True(late.VirtualTime >= TimeSpan.FromMilliseconds(100).Ticks, "An idle one saved something up.");
    }

    [Fact]
    public async Task A_single_request_of_one_model_waits_for_at_most_a_run_or_two_of_the_flood_on_another()
    {
        using var places = new ComputePlaces(1);
        using var flooded = new BatchRig(OnnxModels.SlowRows(), BatchRig.Settings(maxBatchSize: 1), places: places);
        using var quiet = new BatchRig(OnnxModels.Table(), places: places);
        using var ending = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                using var request = flooded.Ask([1], 300); // some milliseconds
                (await flooded.Batcher.RunAsync(request, TestContext.Current.CancellationToken)).Outputs.Dispose();
            }
        })).ToArray();
        await Eventually.BecomesTrueAsync(() => flooded.Batcher.QueueLength > 20);

        for (var i = 0; i < 20; i++)
        {
            var before = flooded.Seen.Runs.Count;
            using var request = quiet.Ask([1, 1], i);
            (await quiet.Batcher.RunAsync(request, TestContext.Current.CancellationToken)).Outputs.Dispose();
            Assert.InRange(flooded.Seen.Runs.Count - before, 0, 5); // of the fifty that wait
        }

        await ending.CancelAsync();
        await Task.WhenAll(flood);
    }

    private sealed class User(string name, List<string> order) : PlaceUser
    {
        public override void Granted() => order.Add(name);
    }
}
