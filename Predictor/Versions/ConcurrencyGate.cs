using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Versions;

/// <summary>Bounds how many requests of a version compute at once and how many wait for it.</summary>
/// <remarks>
/// A run is synchronous native code and holds its thread: it is made on the request's own thread, since handing it over costs more than a small
/// model takes. So that runs cannot starve the pool of the threads that read and write sockets, every open gate raises the number of threads that
/// the pool makes without hesitation by as many as can be inside it at once.
/// </remarks>
internal sealed class ConcurrencyGate : IDisposable
{
    private static readonly Lock PoolLock = new();

    private readonly SemaphoreSlim _places;
    private readonly int _capacity;
    private readonly int _maxQueue;
    private int _present;

    public ConcurrencyGate(int capacity, int maxQueue)
    {
        _capacity = capacity;
        _maxQueue = maxQueue;
        _places = new SemaphoreSlim(capacity, capacity);
        ReserveThreads(capacity);
    }

    /// <summary>Waits for a place; disposing what is returned gives it back.</summary>
    /// <exception cref="InferenceException">Too many wait already.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<Place> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _present) > _capacity + _maxQueue)
        {
            Interlocked.Decrement(ref _present);
            throw InferenceException.Capacity($"All {_capacity} places to compute are taken and {_maxQueue} requests wait already: try again later.");
        }

        try
        {
            await _places.WaitAsync(cancellationToken);
            return new Place(this);
        }
        catch
        {
            Interlocked.Decrement(ref _present);
            throw;
        }
    }

    public void Dispose()
    {
        ReserveThreads(-_capacity);
        _places.Dispose();
    }

    private void Leave()
    {
        _places.Release();
        Interlocked.Decrement(ref _present);
    }

    private static void ReserveThreads(int count)
    {
        lock (PoolLock)
        {
            ThreadPool.GetMinThreads(out var workers, out var completions);
            ThreadPool.SetMinThreads(workers + count, completions);
        }
    }

    /// <summary>The right to compute.</summary>
    public readonly struct Place(ConcurrencyGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
