using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Versions;

/// <summary>A version's session while requests use it: disposed when it is closed and the last of them has ended, never before.</summary>
internal sealed class LoadedVersion(OnnxSession session, ConcurrencyGate gate, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _unloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _leases;
    private bool _closed;
    private long _lastUse = time.GetTimestamp();

    public OnnxSession Session => session;

    public ConcurrencyGate Gate => gate;

    /// <summary>Requests that use it.</summary>
    public int InFlight
    {
        get
        {
            lock (_lock)
            {
                return _leases;
            }
        }
    }

    /// <summary>Takes part in its use until <see cref="Return"/>; false once it is closed.</summary>
    public bool TryLease()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _leases++;
            return true;
        }
    }

    public void Return()
    {
        bool last;
        lock (_lock)
        {
            _leases--;
            _lastUse = time.GetTimestamp();
            last = _closed && _leases == 0;
        }

        Unload(last);
    }

    /// <summary>Whether nothing uses it and nothing did for a while.</summary>
    public bool IsQuiet(TimeSpan duration)
    {
        lock (_lock)
        {
            return _leases == 0 && time.GetElapsedTime(_lastUse) >= duration;
        }
    }

    /// <summary>Lets nobody in any more.</summary>
    /// <returns>Ends when the session is disposed.</returns>
    public Task CloseAsync()
    {
        bool last;
        lock (_lock)
        {
            last = !_closed && _leases == 0;
            _closed = true;
        }

        Unload(last);
        return _unloaded.Task;
    }

    private void Unload(bool last)
    {
        if (last)
        {
            session.Dispose();
            gate.Dispose();
            _unloaded.TrySetResult();
        }
    }
}
