using Sluice.Contracts;
using Sluice.Registry.Models;

namespace Sluice.Registry.Apply;

/// <summary>What a document says shall be: the models by name. What it does not name stays as it is.</summary>
internal sealed record ModelsFile(IReadOnlyList<ModelEntry> Models);

/// <summary>What shall be of one model; null for what shall stay as it is.</summary>
internal sealed record ModelEntry(string Name, DocumentNode At)
{
    /// <summary>Description and tags.</summary>
    public required FactPatch Facts { get; init; }

    /// <summary>All gates.</summary>
    public IReadOnlyList<Gate>? Gates { get; init; }

    /// <summary>Versions that shall be there.</summary>
    public IReadOnlyList<VersionEntry> Versions { get; init; } = [];

    /// <summary>Alias → the version it shall name; null to take it away.</summary>
    public IReadOnlyList<(string Alias, VersionReference? Version)> Aliases { get; init; } = [];

    /// <summary>The version that shall be stable.</summary>
    public VersionReference? Stable { get; init; }

    /// <summary>Which callers shall stay on one version while the traffic is split.</summary>
    public StickinessEntry? Stickiness { get; init; }
}

/// <summary>Which callers shall stay on one version.</summary>
internal sealed record StickinessEntry(DocumentNode At, Stickiness Value);

/// <summary>A version that shall be there, registered from its storage URI when it is not.</summary>
/// <param name="Reference">Which one.</param>
/// <param name="Facts">Description and tags.</param>
/// <param name="Metadata">What is told of it when it is registered from its storage URI; null when it names none.</param>
internal sealed record VersionEntry(VersionReference Reference, FactPatch Facts, VersionMetadata? Metadata);

/// <summary>A version by number, by digest, or by the storage URI it comes from, in which case the digest says what must be found there.</summary>
internal sealed record VersionReference(DocumentNode At, int? Number, string? Digest, string? StorageUri)
{
    /// <summary>The form in words, for errors.</summary>
    public const string Form = "a version's number, its digest (sha256:…) or the storage URI it comes from";

    /// <inheritdoc />
    public override string ToString() => Number is { } number ? $"version {number}" : StorageUri is not null ? $"the version from {StorageUri}" : $"the version {Digest}";
}
