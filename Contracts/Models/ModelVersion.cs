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
}
