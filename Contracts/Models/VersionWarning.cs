namespace Sluice.Contracts;

/// <summary>What will hurt later about a version that can be served. Found at registration and kept with the version.</summary>
/// <param name="Code">One of <see cref="WarningCodes"/>.</param>
/// <param name="Message">What it is, what follows from it, and what helps.</param>
public sealed record VersionWarning(string Code, string Message);

/// <summary>Codes of <see cref="VersionWarning"/>.</summary>
public static class WarningCodes
{
    /// <summary>An input's first dimension is fixed: its requests cannot be joined into batches.</summary>
    public const string FixedBatch = "fixed-batch";

    /// <summary>A classifier came without the names of its classes.</summary>
    public const string NoLabels = "no-labels";

    /// <summary>There are more or fewer labels than classes.</summary>
    public const string LabelCount = "label-count";

    /// <summary>The operator set is newer than the runtime knows.</summary>
    public const string NewOpset = "new-opset";

    /// <summary>The operator set is older than what the runtime promises to support.</summary>
    public const string OldOpset = "old-opset";

    /// <summary>No golden vectors: replicas can only be proved with a zero input.</summary>
    public const string NoGolden = "no-golden";

    /// <summary>The artifact is so large that fetching and loading it takes long.</summary>
    public const string LargeArtifact = "large-artifact";

    /// <summary>Operators of <c>ai.onnx.ml</c>, which run on the CPU only.</summary>
    public const string CpuOperators = "cpu-operators";
}
