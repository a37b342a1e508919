using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Batching;

/// <summary>What the batcher promises, clause by clause, over real sessions.</summary>
public sealed class BatcherTests
{
    private const long Forever = 1_000_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_queued_up_while_the_place_was_taken_goes_in_one_run_and_each_gets_its_rows()
    {
        using var rig = new BatchRig(OnnxModels.Table());
        var held = rig.Hold();
        var answers = Enumerable.Range(0, 5).Select(n => AskAsync(rig, [n + 1, 2], Enumerable.Range(0, (n + 1) * 2).Select(k => (long)((n * 10) + k)).ToArray())).ToArray();
        Assert.Equal(5, rig.Batcher.QueueLength);

        held.Dispose();
        for (var n = 0; n < answers.Length; n++)
        {
            var (shape, values) = await answers[n];
            Assert.Equal([n + 1, 2], shape);
            Assert.Equal(Enumerable.Range(0, (n + 1) * 2).Select(k => ((n * 10) + k) * 10f), values);
        }

        Assert.Equal([(5, 15L)], rig.Seen.Runs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_where_other_work_waits_for_a_thread_a_request_with_a_free_place_is_handed_over(bool othersWait)
    {
        using var rig = new BatchRig(OnnxModels.SlowRows(), places: new ComputePlaces(1, () => othersWait));

        var answer = AskAsync(rig, [1], 10_000); // about 100 ms

        Assert.Equal(!othersWait, answer.IsCompleted); // else it was computed by the caller
        Assert.Equal([10_000f], (await answer).Values);
        Assert.Equal([(1, 1L)], rig.Seen.Runs);
    }

    [Fact]
    public async Task A_batch_has_no_more_rows_than_it_may_and_a_larger_request_goes_alone()
    {
        using var rig = new BatchRig(OnnxModels.Table(), BatchRig.Settings(maxBatchSize: 4));
        var held = rig.Hold();
        var answers = new[] { 3, 2, 1, 9, 4 }.Select(rows => AskAsync(rig, [rows, 1], new long[rows])).ToArray();

        held.Dispose();
        await Task.WhenAll(answers);

        // The oldest goes first, and who still fits joins it.
        Assert.Equal([(2, 4L), (1, 2L), (1, 9L), (1, 4L)], rig.Seen.Runs);
    }

    [Fact]
    public async Task Only_equal_trailing_shapes_are_joined()
    {
        using var rig = new BatchRig(OnnxModels.Table());
        var held = rig.Hold();
        var answers = new long[] { 1, 2, 1, 3, 2 }.Select(width => AskAsync(rig, [1, width], new long[width])).ToArray();

        held.Dispose();
        await Task.WhenAll(answers);

        Assert.Equal([(2, 2L), (2, 2L), (1, 1L)], rig.Seen.Runs);
    }

    [Fact]
    public async Task A_bad_row_fails_its_own_caller_only()
    {
        using var rig = new BatchRig(OnnxModels.Table());
        var held = rig.Hold();
        var good = AskAsync(rig, [1, 1], 7);
        var bad = AskAsync(rig, [2, 1], 8, 100);
        var other = AskAsync(rig, [1, 1], 9);

        held.Dispose();

        Assert.Equal([70f], (await good).Values);
        Assert.Equal([90f], (await other).Values);
        var failure = await Assert.ThrowsAsync<InferenceException>(() => bad);
        Assert.Equal(FaultClass.Model, failure.Fault);
        Assert.Equal([(1, 1L), (1, 2L), (1, 1L)], rig.Seen.Runs); // the joined run failed; each by itself
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_a_place_in_it_is_free_again_when_a_caller_leaves()
    {
        using var rig = new BatchRig(OnnxModels.Table(), BatchRig.Settings(maxQueueSize: 2));
        using var leave = new CancellationTokenSource();
        var held = rig.Hold();
        var first = AskAsync(rig, [1, 1], [1], leave.Token);
        var second = AskAsync(rig, [1, 1], 2);

        var refused = await Assert.ThrowsAsync<InferenceException>(() => AskAsync(rig, [1, 1], 3));
        Assert.Equal(FaultClass.Capacity, refused.Fault);
        Assert.NotNull(refused.RetryAfter);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var third = AskAsync(rig, [1, 1], 3);
        held.Dispose();
        Assert.Equal([20f], (await second).Values);
        Assert.Equal([30f], (await third).Values);
        Assert.Equal([(2, 2L)], rig.Seen.Runs); // what left was not computed
        Assert.Equal([false], rig.Seen.Drops);
    }

    [Fact]
    public async Task A_caller_that_leaves_a_joined_run_is_answered_at_once_and_the_others_go_on()
    {
        using var rig = new BatchRig(OnnxModels.SlowRows());
        using var leave = new CancellationTokenSource();
        var held = rig.Hold();
        var leaving = AskAsync(rig, [1], [1], leave.Token);
        var staying = AskAsync(rig, [1], 50_000); // about half a second
        held.Dispose();
        await Eventually.BecomesTrueAsync(() => rig.Batcher.QueueLength == 0);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);

        Assert.Equal([50_000f], (await staying).Values);
        Assert.Equal([(2, 2L)], rig.Seen.Runs);
    }

    [Fact]
    public async Task A_joined_run_is_stopped_when_all_of_its_callers_left()
    {
        using var rig = new BatchRig(OnnxModels.SlowRows());
        using var leave = new CancellationTokenSource();
        var held = rig.Hold();
        var callers = Enumerable.Range(0, 3).Select(_ => AskAsync(rig, [1], [Forever], leave.Token)).ToArray();
        held.Dispose();
        await Eventually.BecomesTrueAsync(() => rig.Batcher.QueueLength == 0);

        await leave.CancelAsync();

        foreach (var caller in callers)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        }

        Assert.Equal([1f], (await AskAsync(rig, [1], 1)).Values); // the place is free again: minutes earlier than the run would have ended
    }

    [Fact]
    public async Task A_request_that_leaves_while_it_runs_alone_is_answered_and_its_place_freed()
    {
        using var rig = new BatchRig(OnnxModels.SlowRows());
        using var leave = new CancellationTokenSource();
        var running = Task.Run(() => AskAsync(rig, [1], [Forever], leave.Token), Token);
        await Eventually.BecomesTrueAsync(() => !TryPlace(rig));

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal([1f], (await AskAsync(rig, [1], 1)).Values);
        Assert.Equal([true], rig.Seen.Drops);
    }

    [Fact]
    public async Task A_request_waits_for_others_as_long_as_the_delay_and_no_longer()
    {
        var time = new ManualTime();
        using var rig = new BatchRig(OnnxModels.Table(), BatchRig.Settings(maxBatchSize: 4, delay: TimeSpan.FromMilliseconds(100)), time);

        var first = AskAsync(rig, [1, 1], 1);
        var second = AskAsync(rig, [1, 1], 2);
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(2, rig.Batcher.QueueLength);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([10f], (await first).Values);
        Assert.Equal([20f], (await second).Values);
        Assert.Equal([(2, 2L)], rig.Seen.Runs);

        // A full batch waits for nothing.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n => AskAsync(rig, [1, 1], n)));
        await AskAsync(rig, [4, 1], 1, 2, 3, 4);
        Assert.Equal([(2, 2L), (4, 4L), (1, 4L)], rig.Seen.Runs);
    }

    [Fact]
    public async Task Who_is_left_by_the_one_that_was_due_is_computed_when_its_own_delay_is_over()
    {
        var time = new ManualTime();
        using var rig = new BatchRig(OnnxModels.Table(), BatchRig.Settings(maxBatchSize: 4, delay: TimeSpan.FromMilliseconds(100)), time);
        using var leave = new CancellationTokenSource();
        var held = rig.Hold();
        var first = AskAsync(rig, [1, 1], [1], leave.Token);
        time.Advance(TimeSpan.FromMilliseconds(100)); // it is due, and waits for the place
        var second = AskAsync(rig, [1, 1], 2);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        held.Dispose(); // nobody is due: the place is given back unused
        await Eventually.BecomesTrueAsync(() => TryPlace(rig));
        Assert.False(second.IsCompleted);
        await Eventually.BecomesTrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return second.IsCompleted;
        });

        Assert.Equal([20f], (await second).Values);
    }

    [Fact]
    public async Task A_preferred_size_starts_a_batch_before_the_delay_is_over()
    {
        var time = new ManualTime();
        using var rig = new BatchRig(OnnxModels.Table(), BatchRig.Settings(maxBatchSize: 8, delay: TimeSpan.FromSeconds(1), preferred: [2, 4]), time);
        var held = rig.Hold();
        var answers = Enumerable.Range(0, 7).Select(n => AskAsync(rig, [1, 1], n)).ToArray();

        held.Dispose();
        await Eventually.BecomesTrueAsync(() => rig.Batcher.QueueLength == 1);
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(answers);

        Assert.Equal([(4, 4L), (2, 2L), (1, 1L)], rig.Seen.Runs);
    }

    [Fact]
    public async Task Requests_for_different_outputs_share_a_run()
    {
        using var rig = new BatchRig(OnnxModels.Classifier());
        var held = rig.Hold();
        var all = RunAsync(rig, Features(rig, 0.1f));
        var one = RunAsync(rig, Features(rig, 0.2f, "probabilities"));
        held.Dispose();

        using var both = await all;
        using var only = await one;
        Assert.Equal(["label", "probabilities"], Enumerable.Range(0, both.Count).Select(i => both[i].Name));
        Assert.Equal(["probabilities"], Enumerable.Range(0, only.Count).Select(i => only[i].Name));
        Assert.Equal([1, 3], only[0].Shape);
        Assert.Equal([(2, 2L)], rig.Seen.Runs);
    }

    private static bool TryPlace(BatchRig rig)
    {
        try
        {
            rig.Hold().Dispose();
            return true;
        }
        catch (Xunit.Sdk.TrueException)
        {
            return false;
        }
    }

    private static InferenceRequest Features(BatchRig rig, float value, params string[] outputs)
    {
        var tensor = InputTensor.OfElements("features", Datatype.Fp32, [1, 4], 4);
        tensor.Elements<float>().Fill(value);
        var request = new InferenceRequest { Outputs = outputs };
        request.Add(tensor);
        request.Complete(rig.Session.Signature);
        return request;
    }

    private static async Task<OutputTensors> RunAsync(BatchRig rig, InferenceRequest request)
    {
        using (request)
        {
            return (await rig.Batcher.RunAsync(request, Token)).Outputs;
        }
    }

    private static Task<(long[] Shape, IReadOnlyList<float> Values)> AskAsync(BatchRig rig, long[] shape, params long[] values) => AskAsync(rig, shape, values, Token);

    private static async Task<(long[] Shape, IReadOnlyList<float> Values)> AskAsync(BatchRig rig, long[] shape, long[] values, CancellationToken cancellationToken)
    {
        using var request = rig.Ask(shape, values);
        var (outputs, _) = await rig.Batcher.RunAsync(request, cancellationToken);
        using (outputs)
        {
            var output = outputs[0];
            return (output.Shape, output.Datatype == Datatype.Int64 ? [.. output.Elements<long>().ToArray().Select(one => (float)one)] : output.Elements<float>().ToArray());
        }
    }
}
