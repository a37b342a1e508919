using System.Collections.Concurrent;
using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Batching;

/// <summary>A batcher over a real session.</summary>
internal sealed class BatchRig : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BatchRig(byte[] model, BatchingSettings? settings = null, TimeProvider? time = null, ComputePlaces? places = null)
    {
        var path = _folder.PathOf("model.onnx");
        File.WriteAllBytes(path, model);
        Session = OnnxSession.Load(path, ComputeDevice.Choose(new PredictorOptions { Provider = PredictorOptions.Cpu }));
        Places = places ?? new ComputePlaces(1);
        Batcher = new Batcher(Session, settings ?? Settings(), joins: true, Places, Seen, time ?? TimeProvider.System);
    }

    public OnnxSession Session { get; }

    public ComputePlaces Places { get; }

    public Batcher Batcher { get; }

    public SeenRuns Seen { get; } = new();

    public static BatchingSettings Settings(
        int maxBatchSize = 32, TimeSpan delay = default, int[]? preferred = null, int instances = 1, int maxQueueSize = 1000) =>
        new(true, maxBatchSize, delay, preferred ?? [], instances, maxQueueSize);

    /// <summary>A request for one tensor of INT64.</summary>
    public InferenceRequest Ask(long[] shape, params long[] values)
    {
        var tensor = InputTensor.OfElements("x", Datatype.Int64, shape, values.Length);
        values.CopyTo(tensor.Elements<long>());
        var request = new InferenceRequest();
        request.Add(tensor);
        request.Complete(Session.Signature);
        return request;
    }

    /// <summary>Takes the only place until what is returned is disposed, so that what comes meanwhile queues up.</summary>
    public IDisposable Hold()
    {
        var holder = new Holder(Places);
        Assert.True(Places.TryTake(holder));
        return holder;
    }

    public void Dispose()
    {
        Batcher.Dispose();
        Session.Dispose();
        Places.Dispose();
        _folder.Dispose();
    }

    private sealed class Holder(ComputePlaces places) : PlaceUser, IDisposable
    {
        public override void Granted() => throw new InvalidOperationException("It did not wait.");

        public void Dispose() => places.Release(this, TimeSpan.Zero);
    }
}

/// <summary>What a batcher told of its runs.</summary>
internal sealed class SeenRuns : IBatchObserver
{
    public ConcurrentQueue<(int Requests, long Rows)> Runs { get; } = [];

    public ConcurrentQueue<bool> Drops { get; } = [];

    public void Ran(int requests, long rows, TimeSpan took) => Runs.Enqueue((requests, rows));

    public void Waited(TimeSpan waited)
    {
    }

    public void Dropped(bool computed) => Drops.Enqueue(computed);
}
