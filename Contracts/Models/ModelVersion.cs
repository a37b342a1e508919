using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>One file of a version's artifact.</summary>
/// <param name="Path">Relative, with <c>/</c> between the parts; never leaves the artifact's folder.</param>
/// <param name="Digest"><c>sha256:</c> and 64 hex digits of the content.</param>
/// <param name="Size">Bytes.</param>
public sealed record ModelFile(string Path, string Digest, long Size);

/// <summary>An immutable, numbered artifact of a model.</summary>
public sealed record ModelVersion
{
    /// <summary>The model's name (<see cref="ModelName"/>).</summary>
    public required string Model { get; init; }

    /// <summary>Counted from 1 within the model; a number is never used twice.</summary>
    public required int Version { get; init; }

    /// <summary>Names the artifact as a whole (<see cref="VersionDigest"/>): the same from registry to metadata, log and answer header.</summary>
    public required string Digest { get; init; }

    /// <summary>Path of the ONNX graph among <see cref="Files"/>.</summary>
    public required string ModelPath { get; init; }

    /// <summary>All files, ordered by path (ordinal).</summary>
    public required IReadOnlyList<ModelFile> Files { get; init; }

    /// <summary>Inputs and outputs, read from the graph.</summary>
    public required ModelSignature Signature { get; init; }

    /// <summary>Version of the default ONNX operator set that the graph asks for.</summary>
    public required long Opset { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What a person wants to know about it.</summary>
    public string? Description { get; init; }

    /// <summary>Names of the classes, index by index, for a classifier.</summary>
    public IReadOnlyList<string> Labels { get; init => field = value ?? []; } = [];

    /// <summary>Quality figures by name, e.g. accuracy on held-out data.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init => field = value ?? new Dictionary<string, double>(); } = new Dictionary<string, double>();

    /// <summary>Free words by key.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The run that made it, as its maker names it, e.g. an MLflow run's id.</summary>
    public string? SourceRun { get; init; }

    /// <summary>Where its files were fetched from, when they were not uploaded; without credentials.</summary>
    public string? StorageUri { get; init; }

    /// <summary>A file of golden vectors (a JSON array of <see cref="GoldenVector"/>), fetched like any other file; not a part of the artifact or its digest.</summary>
    public ModelFile? Golden { get; init; }

    /// <summary>How it wants to be computed; null leaves all of it to the predictor.</summary>
    public InferenceSettings? Settings { get; init; }

    /// <summary>What will hurt later, found at registration.</summary>
    public IReadOnlyList<VersionWarning> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>Its aliases, in ordinal order. The API shows them; they are kept with the model, and so are not in what the watch tells.</summary>
    public IReadOnlyList<string> Aliases { get; init => field = value ?? []; } = [];

    /// <summary>Every blob it needs: <see cref="Files"/> and <see cref="Golden"/>.</summary>
    [JsonIgnore]
    public IEnumerable<ModelFile> Blobs => Golden is null ? Files : Files.Append(Golden);
}
