using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Batching;

/// <summary>Requests that are computed by one run.</summary>
internal sealed class Batch
{
    public Batch(IReadOnlyList<PendingRequest> requests)
    {
        Requests = requests;
        Rows = requests.Sum(request => request.Rows ?? 0);
        foreach (var request in requests)
        {
            request.State = PendingState.InUse;
            request.Batch = this;
        }
    }

    public IReadOnlyList<PendingRequest> Requests { get; }

    /// <summary>Rows of all of them; 0 for a single request that has none.</summary>
    public long Rows { get; }

    /// <summary>Stops the run.</summary>
    public RunControl Control { get; } = new();

    /// <summary>Whether nobody waits for it any more. Under the batcher's lock.</summary>
    public bool IsAbandoned => Requests.All(request => request.IsAbandoned);
}
