using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Figures;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Versions;

/// <summary>A version's session while requests use it: disposed when it is closed and the last of them has ended, never before.</summary>
/// <param name="session">Computes.</param>
/// <param name="batcher">Joins requests to the session.</param>
/// <param name="classes">Where its classes stand; null when it is no classifier.</param>
/// <param name="figures">What it counts and times.</param>
/// <param name="vectors">Golden vectors that it was proved by; may be none.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadedVersion(
    OnnxSession session, Batcher batcher, ClassOutput? classes, VersionFigures figures, IReadOnlyList<GoldenVector> vectors, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _unloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _leases;
    private bool _closed;
    private long _lastUse = time.GetTimestamp();

    public OnnxSession Session => session;

    public Batcher Batcher => batcher;

    public ClassOutput? Classes => classes;

    public VersionFigures Figures => figures;

    public IReadOnlyList<GoldenVector> Vectors => vectors;

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

    public void Return() => End(isUse: true);

    /// <summary>As <see cref="Return"/>, of somebody whose look is no use: a drain does not wait for it to be a while ago.</summary>
    public void EndLook() => End(isUse: false);

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

    private void End(bool isUse)
    {
        bool last;
        lock (_lock)
        {
            _leases--;
            _lastUse = isUse ? time.GetTimestamp() : _lastUse;
            last = _closed && _leases == 0;
        }

        Unload(last);
    }

    private void Unload(bool last)
    {
        if (last)
        {
            session.Dispose();
            batcher.Dispose();
            SystemMemory.Trim();
            _unloaded.TrySetResult();
        }
    }
}
