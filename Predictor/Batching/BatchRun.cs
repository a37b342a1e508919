using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Batching;

/// <summary>Computes one batch and answers each of its requests, on the calling thread.</summary>
/// <param name="session">Computes.</param>
/// <param name="joins">Whether rows were proved to stay apart, and outputs to have as many of them as inputs.</param>
/// <param name="sync">The batcher's lock, under which the states of requests change.</param>
/// <param name="observer">Is told what happened.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchRun(OnnxSession session, bool joins, Lock sync, IBatchObserver observer, TimeProvider time)
{
    /// <summary>Returns when every request of the batch has its answer. Never throws.</summary>
    public void Compute(Batch batch)
    {
        var started = time.GetTimestamp();
        foreach (var request in batch.Requests)
        {
            observer.Waited(time.GetElapsedTime(request.QueuedAt, started));
        }

        if (batch.Requests.Count == 1)
        {
            ComputeOne(batch, started);
            return;
        }

        try
        {
            ComputeJoined(batch, started);
        }
        catch (Exception)
        {
            // One of them made it fail, or it could not be split: each by itself shows which, and the others have their answers. When it was stopped,
            // since all callers left, there is nobody to compute for.
            ComputeApart(batch);
        }
    }

    private void ComputeOne(Batch batch, long started)
    {
        var pending = batch.Requests[0];
        OutputTensors? outputs = null;
        Exception? failure = null;
        try
        {
            outputs = session.Run(pending.Request.Inputs, pending.Request.Outputs, joins ? pending.Rows : null, batch.Control);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        var took = time.GetElapsedTime(started);
        observer.Ran(1, batch.Rows, took);
        Answer(pending, outputs, failure, new RunFacts(time.GetElapsedTime(pending.QueuedAt, started), took, batch.Rows, 1));
    }

    private void ComputeJoined(Batch batch, long started)
    {
        var joined = JoinedTensors.Join(batch.Requests, batch.Rows);
        try
        {
            ReleaseTensors(batch);
            using var outputs = session.Run(joined, WantedOutputs(batch), batch.Rows, batch.Control);
            var took = time.GetElapsedTime(started);
            observer.Ran(batch.Requests.Count, batch.Rows, took);
            Split(batch, outputs, started, took);
        }
        finally
        {
            Array.ForEach(joined, static tensor => tensor.Dispose());
        }
    }

    // The rows are copied: from here on a caller that leaves need not wait for the run.
    private void ReleaseTensors(Batch batch)
    {
        var left = new List<PendingRequest>();
        lock (sync)
        {
            foreach (var pending in batch.Requests)
            {
                pending.State = pending.IsAbandoned ? PendingState.Done : PendingState.Joined;
                if (pending.IsAbandoned)
                {
                    left.Add(pending);
                }
            }
        }

        left.ForEach(Drop);
    }

    private void Split(Batch batch, OutputTensors outputs, long started, TimeSpan took)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            if (outputs[i].Shape is not [var rows, ..] || rows != batch.Rows)
            {
                throw new InvalidOperationException($"The output {outputs[i].Name} has not as many rows as the inputs.");
            }
        }

        var start = 0L;
        foreach (var pending in batch.Requests)
        {
            var part = outputs.Share(pending.Request.Outputs, (start, pending.Rows!.Value));
            start += pending.Rows.Value;
            Answer(pending, part, null, new RunFacts(time.GetElapsedTime(pending.QueuedAt, started), took, batch.Rows, batch.Requests.Count));
        }
    }

    private void ComputeApart(Batch batch)
    {
        foreach (var pending in batch.Requests)
        {
            Batch? alone = null;
            lock (sync)
            {
                if (pending.State == PendingState.Done)
                {
                    continue;
                }

                if (pending.IsAbandoned)
                {
                    pending.State = PendingState.Done;
                }
                else
                {
                    alone = new Batch([pending]);
                }
            }

            if (alone is null)
            {
                Drop(pending);
            }
            else
            {
                ComputeOne(alone, time.GetTimestamp());
            }
        }
    }

    private void Answer(PendingRequest pending, OutputTensors? outputs, Exception? failure, RunFacts facts)
    {
        bool abandoned;
        lock (sync)
        {
            if (pending.State == PendingState.Done)
            {
                outputs?.Dispose(); // answered when its caller left
                return;
            }

            pending.State = PendingState.Done;
            abandoned = pending.IsAbandoned;
        }

        if (abandoned)
        {
            outputs?.Dispose();
            Drop(pending);
        }
        else if (failure is not null)
        {
            pending.Fail(failure);
        }
        else
        {
            pending.Succeed(outputs!, facts);
        }
    }

    private void Drop(PendingRequest pending)
    {
        observer.Dropped(computed: true);
        pending.Cancel();
    }

    // Most requests want all of them, by the same list.
    private static IReadOnlyList<string> WantedOutputs(Batch batch)
    {
        var first = batch.Requests[0].Request.Outputs;
        return batch.Requests.All(pending => ReferenceEquals(pending.Request.Outputs, first))
            ? first
            : [.. batch.Requests.SelectMany(pending => pending.Request.Outputs).Distinct(StringComparer.Ordinal)];
    }
}
