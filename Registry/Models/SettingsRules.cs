using Sluice.Contracts;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>The limits of <see cref="InferenceSettings"/>.</summary>
internal static class SettingsRules
{
    private const int MostPreferred = 32;

    /// <summary>The first setting that breaks its limit; null when none does.</summary>
    public static FieldProblem? FindProblem(InferenceSettings? settings) => settings is null
        ? null
        : Within("maxBatchSize", settings.MaxBatchSize, 1, 65_536)
            ?? Within("maxQueueDelayMs", settings.MaxQueueDelayMs, 0, 10_000)
            ?? FindPreferredProblem(settings)
            ?? Within("instances", settings.Instances, 1, 1024)
            ?? Within("maxQueueSize", settings.MaxQueueSize, 0, 100_000)
            ?? Within("intraOpThreads", settings.IntraOpThreads, 1, 256)
            ?? FieldProblem.Unless(settings.GpuMemoryLimitBytes is null or >= 1024 * 1024, "settings.gpuMemoryLimitBytes", "1048576 or more is expected");

    private static FieldProblem? FindPreferredProblem(InferenceSettings settings) => FieldProblem.Unless(
        settings.PreferredBatchSizes is not { } sizes || (sizes.Count <= MostPreferred && sizes.All(size => size >= 1 && size <= (settings.MaxBatchSize ?? 65_536))),
        "settings.preferredBatchSizes",
        $"at most {MostPreferred} whole numbers from 1 to maxBatchSize are expected");

    private static FieldProblem? Within(string name, double? value, double least, double most) => FieldProblem.Unless(
        value is null || (value >= least && value <= most), $"settings.{name}", FormattableString.Invariant($"{least} to {most} is expected"));
}
