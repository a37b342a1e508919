using Microsoft.Extensions.Options;

namespace Sluice.Predictor.Batching;

/// <summary>
/// The places to compute of this process, shared fairly between versions: when one becomes free it goes to the version that waits and has computed
/// least so far, so that a flood of requests to one model, or one slow model, leaves every other its share.
/// </summary>
/// <remarks>
/// "So far" is a virtual time as in fair queueing: the seconds a version computed, and never less than what the last one served had, so that idling
/// saves nothing up. A run is synchronous native code and holds its thread; so that runs cannot starve the pool of the threads that read and write
/// sockets, the number of threads that the pool makes without hesitation is raised by the number of places.
/// </remarks>
internal sealed class ComputePlaces : IDisposable
{
    private static readonly Lock PoolLock = new();

    private readonly Lock _lock = new();
    private readonly List<PlaceUser> _waiting = [];
    private readonly int _count;
    private readonly Func<bool> _hasOtherWork;
    private long _clock;
    private int _free;

    public ComputePlaces(IOptions<PredictorOptions> options)
        : this(options.Value.MaxConcurrency, static () => ThreadPool.PendingWorkItemCount > 0)
    {
    }

    /// <param name="count">How many there are.</param>
    /// <param name="hasOtherWork">Whether work waits for a thread of the pool; null for never.</param>
    internal ComputePlaces(int count, Func<bool>? hasOtherWork = null)
    {
        _hasOtherWork = hasOtherWork ?? (static () => false);
        _free = _count = count;
        ReserveThreads(count);
    }

    /// <summary>Whether work of the process waits for a thread: reading and writing sockets, mostly.</summary>
    public bool HasOtherWork => _hasOtherWork();

    /// <summary>Takes a place if one is free and nobody waits for it; give it back by <see cref="Release"/>.</summary>
    public bool TryTake(PlaceUser user)
    {
        lock (_lock)
        {
            if (_free == 0)
            {
                return false;
            }

            _free--;
            user.VirtualTime = Math.Max(user.VirtualTime, _clock);
            return true;
        }
    }

    /// <summary>Waits for a place, which <see cref="PlaceUser.Granted"/> tells of; nothing changes if it waits already.</summary>
    public void Wait(PlaceUser user)
    {
        lock (_lock)
        {
            if (user.IsWaiting)
            {
                return;
            }

            if (_free == 0)
            {
                user.IsWaiting = true;
                user.VirtualTime = Math.Max(user.VirtualTime, _clock);
                _waiting.Add(user);
                return;
            }

            _free--;
        }

        user.Granted();
    }

    /// <summary>Gives a place back.</summary>
    /// <param name="user">Who had it.</param>
    /// <param name="used">For how long it computed.</param>
    public void Release(PlaceUser user, TimeSpan used)
    {
        PlaceUser? next;
        lock (_lock)
        {
            user.VirtualTime += used.Ticks;
            next = TakeNext_NeedsLock();
            if (next is null)
            {
                _free++;
            }
        }

        next?.Granted();
    }

    public void Dispose() => ReserveThreads(-_count);

    private PlaceUser? TakeNext_NeedsLock()
    {
        PlaceUser? next = null;
        foreach (var user in _waiting)
        {
            next = next is null || user.VirtualTime < next.VirtualTime ? user : next;
        }

        if (next is not null)
        {
            _waiting.Remove(next);
            next.IsWaiting = false;
            _clock = Math.Max(_clock, next.VirtualTime);
        }

        return next;
    }

    private static void ReserveThreads(int count)
    {
        lock (PoolLock)
        {
            ThreadPool.GetMinThreads(out var workers, out var completions);
            ThreadPool.SetMinThreads(workers + count, completions);
        }
    }
}

/// <summary>Somebody who computes in <see cref="ComputePlaces"/>.</summary>
internal abstract class PlaceUser
{
    /// <summary>Ticks; under the lock of the places.</summary>
    internal long VirtualTime { get; set; }

    /// <summary>Under the lock of the places.</summary>
    internal bool IsWaiting { get; set; }

    /// <summary>A place is this one's, until it gives it back. Called on any thread; must return at once.</summary>
    public abstract void Granted();
}
