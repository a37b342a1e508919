namespace Sluice.Gateway.Routing;

/// <summary>One predictor process as this gateway sees it. Shared by all models, and kept from snapshot to snapshot.</summary>
internal sealed class Replica(string id, Uri address)
{
    private int _inFlight;
    private long _avoidedUntil;

    /// <summary>Unique for the life of the process behind it.</summary>
    public string Id => id;

    /// <summary>Where it is reached.</summary>
    public Uri Address => address;

    /// <summary>Requests of this gateway that it is working on.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether a connection failed a moment ago. Such a replica has nothing in flight and would otherwise look the least busy of all.</summary>
    /// <param name="now">A timestamp of the clock in use.</param>
    public bool IsAvoided(long now) => Volatile.Read(ref _avoidedUntil) > now;

    /// <summary>Passes it over, while there are others, until a timestamp. True when it was not avoided already.</summary>
    public bool Avoid(long now, long until) => Interlocked.Exchange(ref _avoidedUntil, until) <= now;

    /// <summary>A request was sent its way.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>That request ended, in whatever way.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);
}
