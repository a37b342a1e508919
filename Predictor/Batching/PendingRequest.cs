using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Batching;

/// <summary>Where a request stands on its way through the batcher; changes under the batcher's lock.</summary>
internal enum PendingState
{
    /// <summary>Waits to be computed: a caller that leaves is answered at once.</summary>
    Queued,

    /// <summary>Its tensors are being read: a caller that leaves is answered when that is over.</summary>
    InUse,

    /// <summary>Its rows were copied into a joined run: a caller that leaves is answered at once, and the others go on.</summary>
    Joined,

    /// <summary>Answered.</summary>
    Done,
}

/// <summary>What a request's run was.</summary>
/// <param name="Waited">From the request to the start of its run.</param>
/// <param name="Computed">The run.</param>
/// <param name="Rows">Of the run; 0 where they cannot be told.</param>
/// <param name="Requests">That were joined in it.</param>
internal readonly record struct RunFacts(TimeSpan Waited, TimeSpan Computed, long Rows, int Requests);

/// <summary>One request in the batcher.</summary>
/// <param name="owner">The batcher.</param>
/// <param name="request">What is asked.</param>
/// <param name="rows">Rows along dimension 0; null when it cannot be joined with others.</param>
/// <param name="queuedAt">Timestamp.</param>
internal sealed class PendingRequest(Batcher owner, InferenceRequest request, long? rows, long queuedAt)
{
    private readonly TaskCompletionSource<(OutputTensors Outputs, RunFacts Facts)> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Batcher Owner => owner;

    public InferenceRequest Request => request;

    public long? Rows => rows;

    public long QueuedAt => queuedAt;

    public Task<(OutputTensors Outputs, RunFacts Facts)> Answer => _answer.Task;

    /// <summary>Under the batcher's lock.</summary>
    public PendingState State { get; set; } = PendingState.Queued;

    /// <summary>Whether its caller left, or its time is over. Under the batcher's lock.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The run it is part of; null while it waits. Under the batcher's lock.</summary>
    public Batch? Batch { get; set; }

    /// <summary>Whether rows of both can stand in one tensor: the same sizes but for the first.</summary>
    public bool FitsWith(PendingRequest other)
    {
        if (Rows is null || other.Rows is null)
        {
            return false;
        }

        foreach (var tensor in request.Inputs)
        {
            if (!other.Request.FindInput(tensor.Name)!.Shape.AsSpan(1).SequenceEqual(tensor.Shape.AsSpan(1)))
            {
                return false;
            }
        }

        return true;
    }

    // Each is called once a request, by whoever set its state to Done.
    public void Succeed(OutputTensors outputs, RunFacts facts) => _answer.SetResult((outputs, facts));

    public void Fail(Exception exception) => _answer.SetException(exception);

    public void Cancel() => _answer.SetCanceled();
}
