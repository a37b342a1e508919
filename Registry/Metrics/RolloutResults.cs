namespace Sluice.Registry.Metrics;

/// <summary>How rollouts end, as a label.</summary>
internal static class RolloutResults
{
    /// <summary>The new version became stable.</summary>
    public const string Promoted = "promoted";

    /// <summary>The old version stayed, or was returned to.</summary>
    public const string RolledBack = "rolled_back";

    /// <summary>All of them: each is shown from 0 on, so that a rate is there before the first one.</summary>
    public static readonly string[] All = [Promoted, RolledBack];
}
