namespace Sluice.Predictor.Batching;

/// <summary>Is told what the batcher did; called on the threads that compute, so it must be quick.</summary>
internal interface IBatchObserver
{
    /// <summary>A run ended.</summary>
    /// <param name="requests">Joined in it.</param>
    /// <param name="rows">Of all together; 0 where they cannot be told.</param>
    /// <param name="took">Its time.</param>
    public void Ran(int requests, long rows, TimeSpan took);

    /// <summary>A request's wait ended with the start of its run.</summary>
    public void Waited(TimeSpan waited);

    /// <summary>A request left, or its time was over, before it had its answer.</summary>
    /// <param name="computed">Whether a run for it had begun.</param>
    public void Dropped(bool computed);
}
