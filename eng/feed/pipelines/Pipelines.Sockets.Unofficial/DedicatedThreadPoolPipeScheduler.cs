using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// Runs callbacks on threads of its own, so that they are run when the application's thread pool is exhausted. When too many wait, further ones go to
/// the thread pool all the same.
/// </summary>
public sealed class DedicatedThreadPoolPipeScheduler : PipeScheduler, IDisposable
{
    private readonly Queue<(Action<object?> Action, object? State)> _queue = new(); // also the lock
    private readonly int _longestQueue;
    private int _idle;
    private bool _disposed;
    private long _servicedByQueue;
    private long _servicedByPool;

    /// <summary>Starts the threads.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="workerCount">How many.</param>
    /// <param name="useThreadPoolQueueLength">Callbacks that wait at most.</param>
    /// <param name="priority">Their priority.</param>
    public DedicatedThreadPoolPipeScheduler(
        string? name = null, int workerCount = 5, int useThreadPoolQueueLength = 10, ThreadPriority priority = ThreadPriority.Normal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workerCount);
        WorkerCount = workerCount;
        _longestQueue = useThreadPoolQueueLength;
        for (var i = 0; i < workerCount; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"{name ?? nameof(DedicatedThreadPoolPipeScheduler)}:{i}", Priority = priority }.UnsafeStart();
        }
    }

    /// <summary>Threads.</summary>
    public int WorkerCount { get; }

    /// <summary>Threads that have nothing to do.</summary>
    public int AvailableCount => Volatile.Read(ref _idle);

    /// <summary>Callbacks that its threads ran.</summary>
    public long TotalServicedByQueue => Volatile.Read(ref _servicedByQueue);

    /// <summary>Callbacks that went to the thread pool.</summary>
    public long TotalServicedByPool => Volatile.Read(ref _servicedByPool);

    /// <inheritdoc />
    public override void Schedule(Action<object?> action, object? state)
    {
        lock (_queue)
        {
            if (!_disposed && WorkerCount > 0 && _queue.Count < _longestQueue)
            {
                _queue.Enqueue((action, state));
                Monitor.Pulse(_queue);
                return;
            }
        }

        Interlocked.Increment(ref _servicedByPool);
        ThreadPool.Schedule(action, state);
    }

    /// <summary>Its threads end when they ran what waits; what comes later goes to the thread pool.</summary>
    public void Dispose()
    {
        lock (_queue)
        {
            _disposed = true;
            Monitor.PulseAll(_queue);
        }
    }

    private void Work()
    {
        while (Next() is var (action, state))
        {
            try
            {
                action(state);
            }
            catch (Exception)
            {
                // A callback that throws must not take the thread from all the others; its own caller sees what became of it.
            }

            Interlocked.Increment(ref _servicedByQueue);
        }
    }

    private (Action<object?> Action, object? State)? Next()
    {
        lock (_queue)
        {
            _idle++;
            while (_queue.Count == 0 && !_disposed)
            {
                Monitor.Wait(_queue);
            }

            _idle--;
            return _queue.TryDequeue(out var next) ? next : null;
        }
    }
}
