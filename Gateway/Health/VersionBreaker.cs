using Sluice.Contracts;

namespace Sluice.Gateway.Health;

/// <summary>
/// Keeps a canary that fails most of its requests from slowing down as many users: it opens after 20 attempts of which most failed, and then lets one
/// request in 20 through, by which it closes again. One object a version, kept from snapshot to snapshot.
/// </summary>
/// <remarks>
/// As few go through while 20 attempts are late, nobody waiting for them any more: what they come to may be known only at their deadlines, and until
/// then every caller that is drawn would wait in vain. That alone is no verdict, as stable may be as slow: the breaker does not open by it. Attempts are counted in two slots of five seconds, the current one and the one before. Client faults and callers that left
/// say nothing.
/// </remarks>
internal sealed class VersionBreaker(TimeProvider time)
{
    private const int LeastAttempts = 20;
    private const int LeastTrials = 5;
    private const int TrialEvery = 20;
    private static readonly TimeSpan SlotLength = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long _slotStart = time.GetTimestamp();
    private (int Attempts, int Failures) _current;
    private (int Attempts, int Failures) _before;
    private (int Attempts, int Failures) _trials;
    private int _passed;
    private int _late;
    private DateTimeOffset? _openSince;

    /// <summary>Since when it is open; null while it is closed.</summary>
    public DateTimeOffset? OpenSince
    {
        get
        {
            lock (_lock)
            {
                return _openSince;
            }
        }
    }

    /// <summary>Whether the next request may go to the version.</summary>
    public bool Admits()
    {
        lock (_lock)
        {
            return (_openSince is null && _late < LeastAttempts) || _passed++ % TrialEvery == 0;
        }
    }

    /// <summary>Nobody waits for an attempt any more.</summary>
    public void BeginLate()
    {
        lock (_lock)
        {
            _late++;
        }
    }

    /// <summary>Such an attempt ended.</summary>
    public void EndLate()
    {
        lock (_lock)
        {
            _late--;
        }
    }

    /// <summary>An attempt ended.</summary>
    /// <returns>True when it opened or closed by that.</returns>
    public bool Note(FaultClass outcome)
    {
        if (outcome is FaultClass.Client or FaultClass.Cancelled)
        {
            return false;
        }

        var failed = outcome != FaultClass.Ok;
        lock (_lock)
        {
            Turn_NeedsLock();
            _current = Add(_current, failed);
            return _openSince is null ? TryOpen_NeedsLock() : TryClose_NeedsLock(failed);
        }
    }

    private void Turn_NeedsLock()
    {
        var age = time.GetElapsedTime(_slotStart);
        if (age >= SlotLength)
        {
            _before = age < 2 * SlotLength ? _current : default;
            _current = default;
            _slotStart = time.GetTimestamp();
        }
    }

    private bool TryOpen_NeedsLock()
    {
        var (attempts, failures) = (_current.Attempts + _before.Attempts, _current.Failures + _before.Failures);
        if (attempts < LeastAttempts || failures * 2 <= attempts)
        {
            return false;
        }

        _openSince = time.GetUtcNow();
        _trials = default;
        _passed = 1; // the first trial comes after 19 that stable answers
        return true;
    }

    private bool TryClose_NeedsLock(bool failed)
    {
        _trials = Add(_trials, failed);
        if (_trials.Attempts < LeastTrials)
        {
            return false;
        }

        var healed = _trials.Failures * 2 <= _trials.Attempts;
        _trials = default;
        if (healed)
        {
            _openSince = null;
            _current = _before = default;
        }

        return healed;
    }

    private static (int Attempts, int Failures) Add((int Attempts, int Failures) counts, bool failed) => (counts.Attempts + 1, counts.Failures + (failed ? 1 : 0));
}
