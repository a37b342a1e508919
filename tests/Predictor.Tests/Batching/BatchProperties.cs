using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Batching;

/// <summary>Whatever comes in whatever order: each caller gets its own rows, its own failure, or its own end, and the batcher is empty afterwards.</summary>
public sealed class BatchProperties
{
    private static int Stories => Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") == "1" ? 3000 : 150;

    [Fact]
    public void Any_interleaving_of_shapes_failures_deadlines_and_leaving_gives_each_caller_exactly_its_own()
    {
        var asks =
            from rows in Gen.Choose(0, 5)
            from width in Gen.Choose(1, 3)
            from bad in Gen.Frequency((8, Gen.Constant(false)), (1, Gen.Constant(true)))
            from leaves in Gen.Frequency((6, Gen.Constant(-1)), (1, Gen.Constant(0)), (2, Gen.Choose(1, 400)))
            from pause in Gen.Choose(0, 3)
            select new Ask(rows, width, bad, leaves, pause);
        var stories =
            from list in asks.ListOf(24)
            from batch in Gen.Choose(1, 8)
            from instances in Gen.Choose(1, 3)
            from places in Gen.Choose(1, 2)
            from delay in Gen.Elements(0, 0, 300)
            from seed in Gen.Choose(1, 1_000_000)
            select new Story([.. list], batch, instances, places, delay, seed);

        Prop.ForAll(stories.ToArbitrary(), story => TellAsync(story).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(Stories));
    }

    [Fact]
    public async Task A_joined_run_is_bit_equal_to_the_session_on_the_same_rows_and_within_4_ULP_of_each_row_alone()
    {
        using var rig = new BatchRig(OnnxModels.Classifier(features: 20, classes: 5, hidden: 64));
        var random = new Random(7);
        var sizes = Enumerable.Range(0, 12).Select(_ => random.Next(1, 4)).ToArray();
        var features = sizes.Select(rows => Enumerable.Range(0, rows * 20).Select(_ => (random.NextSingle() * 4) - 2).ToArray()).ToArray();
        var held = rig.Hold();
        var answers = features.Select(values => ProbabilitiesAsync(rig.Batcher, Request(rig, values))).ToArray();
        held.Dispose();
        var joined = (await Task.WhenAll(answers)).SelectMany(values => values).ToArray();

        Assert.Equal([(12, (long)sizes.Sum())], rig.Seen.Runs);
        Assert.Equal(Run(rig, features.SelectMany(values => values).ToArray()).Select(BitConverter.SingleToUInt32Bits), joined.Select(BitConverter.SingleToUInt32Bits));
        var alone = features.SelectMany(values => values.Chunk(20)).SelectMany(row => Run(rig, row)).ToArray();
        Assert.All(alone.Zip(joined), pair => Assert.True(UlpsBetween(pair.First, pair.Second) <= 4, $"{pair}"));
    }

    private static async Task<bool> TellAsync(Story story)
    {
        using var rig = new BatchRig(
            OnnxModels.Table(),
            BatchRig.Settings(story.MaxBatch, TimeSpan.FromMicroseconds(story.DelayMicroseconds), instances: story.Instances),
            places: new ComputePlaces(story.Places, () => Random.Shared.Next(2) == 0));
        var random = new Random(story.Seed);
        var callers = new List<Task>();
        foreach (var ask in story.Asks)
        {
            var values = Enumerable.Range(0, ask.Rows * ask.Width).Select(_ => (long)random.Next(100)).ToArray();
            if (ask.Bad && values.Length > 0)
            {
                values[random.Next(values.Length)] = 100;
            }

            callers.Add(Task.Run(() => CallAsync(rig, ask, values)));
            for (var i = 0; i < ask.Pause; i++)
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, rig.Batcher.QueueLength);
        await CallAsync(rig, new Ask(1, 1, false, -1, 0), [5]); // places and instances are all free again
        return true;
    }

    private static async Task CallAsync(BatchRig rig, Ask ask, long[] values)
    {
        using var leave = new CancellationTokenSource();
        if (ask.LeavesAfterMicroseconds >= 0)
        {
            leave.CancelAfter(TimeSpan.FromMicroseconds(ask.LeavesAfterMicroseconds));
        }

        using var request = rig.Ask([ask.Rows, ask.Width], values);
        try
        {
            var (outputs, _) = await rig.Batcher.RunAsync(request, leave.Token);
            using (outputs)
            {
                Assert.False(ask.Bad && values.Length > 0, "A bad row was answered.");
                Assert.Equal([ask.Rows, ask.Width], outputs[0].Shape);
                Assert.Equal(values.Select(value => value * 10f), outputs[0].Elements<float>().ToArray());
            }
        }
        catch (InferenceException failure)
        {
            Assert.True(ask.Bad, $"A good request failed: {failure.Message}");
            Assert.Equal(FaultClass.Model, failure.Fault);
        }
        catch (OperationCanceledException)
        {
            Assert.True(ask.LeavesAfterMicroseconds >= 0, "Nobody cancelled it.");
        }
    }

    private static InferenceRequest Request(BatchRig rig, float[] values)
    {
        var tensor = InputTensor.OfBytes("features", Datatype.Fp32, [values.Length / 20, 20], MemoryMarshal.AsBytes(values.AsSpan()));
        var request = new InferenceRequest { Outputs = ["probabilities"] };
        request.Add(tensor);
        request.Complete(rig.Session.Signature);
        return request;
    }

    private static async Task<float[]> ProbabilitiesAsync(Batcher batcher, InferenceRequest request)
    {
        using (request)
        {
            using var outputs = (await batcher.RunAsync(request, TestContext.Current.CancellationToken)).Outputs;
            return outputs[0].Elements<float>().ToArray();
        }
    }

    private static float[] Run(BatchRig rig, float[] values)
    {
        using var request = Request(rig, values);
        using var outputs = rig.Session.Run(request.Inputs, request.Outputs, rows: null, new RunControl());
        return outputs[0].Elements<float>().ToArray();
    }

    private static long UlpsBetween(float left, float right) => Math.Abs((long)BitConverter.SingleToInt32Bits(left) - BitConverter.SingleToInt32Bits(right));

    internal sealed record Ask(int Rows, int Width, bool Bad, int LeavesAfterMicroseconds, int Pause);

    internal sealed record Story(Ask[] Asks, int MaxBatch, int Instances, int Places, int DelayMicroseconds, int Seed)
    {
        public override string ToString() => $"{MaxBatch} {Instances} {Places} {DelayMicroseconds} {Seed}: {string.Join("; ", Asks.AsEnumerable())}";
    }
}
