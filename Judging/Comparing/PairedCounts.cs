namespace Sluice.Judging;

/// <summary>What a test compares in one window: how many requests of each version, and how many of them were hits (failed, slow, refused).</summary>
/// <param name="CanaryHits">Hits of the canary.</param>
/// <param name="Canary">Its requests.</param>
/// <param name="StableHits">Hits of stable.</param>
/// <param name="Stable">Its requests.</param>
public readonly record struct PairedCounts(long CanaryHits, long Canary, long StableHits, long Stable)
{
    /// <summary>Hits of both.</summary>
    public long Hits => CanaryHits + StableHits;
}
