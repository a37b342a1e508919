using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Contracts;
using Sluice.Registry.Models;

namespace Sluice.Registry.Archives;

/// <summary>The first entry of an archive, <c>manifest.json</c>: a model with its versions. Behind it comes each blob that they name, once.</summary>
internal sealed record ArchiveManifest
{
    /// <summary>The name of its entry.</summary>
    public const string EntryName = "manifest.json";

    /// <summary>What <see cref="Format"/> says.</summary>
    public const string FormatName = "sluice-model";

    /// <summary>What <see cref="FormatVersion"/> says; a higher one was written by a newer Registry.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What this is: <see cref="FormatName"/>.</summary>
    public required string Format { get; init; }

    /// <summary>The form it has.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset ExportedAt { get; init; }

    /// <summary>The model, with all that its record has: description, tags, aliases, gates.</summary>
    public required ModelRecord Model { get; init; }

    /// <summary>Its versions by number.</summary>
    public required IReadOnlyList<ModelVersion> Versions { get; init; }

    /// <summary>The blobs that the versions name, each once, in the order of their digests.</summary>
    [JsonIgnore]
    public IReadOnlyList<ModelFile> Blobs =>
        [.. Versions.SelectMany(version => version.Blobs).DistinctBy(file => file.Digest).OrderBy(file => file.Digest, StringComparer.Ordinal)];

    /// <summary>The name of a blob's entry.</summary>
    public static string EntryOf(string digest) => $"blobs/sha256/{digest[VersionDigest.Prefix.Length..]}";
}

/// <summary>Generated JSON of archives. Fields that a newer Registry added are passed over; what is missing is refused.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(ImportDetails))]
internal sealed partial class ArchivesJson : JsonSerializerContext;

/// <summary>What the audit log says of an import.</summary>
/// <param name="ExportedAs">The name that the model had in the archive.</param>
/// <param name="Versions">How many versions it has.</param>
/// <param name="Bytes">The size of its blobs.</param>
internal sealed record ImportDetails(string ExportedAs, int Versions, long Bytes);
