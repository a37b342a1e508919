using System.Diagnostics.CodeAnalysis;

namespace Sluice.Gateway.Routing;

/// <summary>One predictor process as this gateway sees it. Shared by all models, and kept from snapshot to snapshot.</summary>
/// <remarks>
/// Three things say how it is, merged here: a connection that did not come about or an answer that broke off (it is passed over for a moment, while
/// there are others), several of those in a row (for longer), and the gateway's own probe, which alone tells a process that hangs from one that is busy.
/// </remarks>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "The source has neither a timer nor a wait handle, and attempts may hold its token for longer than a table holds the replica.")]
internal sealed class Replica(string id, Uri address, string pool, Uri? grpcAddress = null)
{
    /// <summary>Failures in a row after which it is passed over for longer.</summary>
    private const int ManyFailures = 5;

    private readonly Lock _lock = new();
    private CancellationTokenSource _down = new();
    private int _inFlight;
    private int _failures;
    private long _avoidedUntil;

    /// <summary>Unique for the life of the process behind it.</summary>
    public string Id => id;

    /// <summary>Where it is reached.</summary>
    public Uri Address => address;

    /// <summary>Where its gRPC endpoint is reached; null when it has none.</summary>
    public Uri? GrpcAddress => grpcAddress;

    /// <summary>The pool it is of: its label.</summary>
    public string Pool => pool;

    /// <summary>Requests of this gateway that it is working on.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>What the last probes said; null before the first.</summary>
    public bool? IsAlive { get; private set; }

    /// <summary>Cancelled when the probes give it up: what was sent to it will not be answered.</summary>
    public CancellationToken Down
    {
        get
        {
            lock (_lock)
            {
                return _down.Token;
            }
        }
    }

    /// <summary>Whether there is reason to ask others first. One whose connections fail has nothing in flight and would look the least busy of all.</summary>
    /// <param name="now">A timestamp of the clock in use.</param>
    public bool IsAvoided(long now) => IsAlive is false || Volatile.Read(ref _avoidedUntil) > now;

    /// <summary>A connection did not come about, or broke. True when it was not passed over already.</summary>
    /// <param name="now">A timestamp.</param>
    /// <param name="frequency">Timestamps a second.</param>
    public bool Failed(long now, long frequency)
    {
        var seconds = Interlocked.Increment(ref _failures) >= ManyFailures ? 5 : 1;
        return Interlocked.Exchange(ref _avoidedUntil, now + (seconds * frequency)) <= now;
    }

    /// <summary>It answered, whatever it said.</summary>
    public void Answered()
    {
        if (Volatile.Read(ref _failures) != 0)
        {
            Volatile.Write(ref _failures, 0);
        }
    }

    /// <summary>The probes say how it is. True when that is news.</summary>
    public bool Probed(bool alive)
    {
        CancellationTokenSource? given = null;
        lock (_lock)
        {
            if (IsAlive == alive)
            {
                return false;
            }

            IsAlive = alive;
            if (alive)
            {
                Volatile.Write(ref _avoidedUntil, 0);
                _down = _down.IsCancellationRequested ? new CancellationTokenSource() : _down;
            }
            else
            {
                given = _down;
            }
        }

        given?.Cancel();
        return true;
    }

    /// <summary>A request was sent its way.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>That request ended, in whatever way.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);
}
