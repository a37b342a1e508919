using Sluice.Contracts;
using Sluice.Registry.Http;
using Sluice.Registry.Models;

namespace Sluice.Registry.Archives;

/// <summary>What must hold of a manifest before a blob is read: the rules of registration, for what somebody else may have written.</summary>
internal static class ManifestRules
{
    private const int MostVersions = 10_000;
    private const int MostFiles = 1000;

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public static FieldProblem? FindProblem(ArchiveManifest manifest) =>
        FieldProblem.Unless(manifest.Format == ArchiveManifest.FormatName, "format", $"{ArchiveManifest.FormatName} is expected")
        ?? FieldProblem.Unless(
            manifest.FormatVersion == ArchiveManifest.CurrentVersion,
            "formatVersion",
            $"{manifest.FormatVersion} is not known, {ArchiveManifest.CurrentVersion} is expected: import it with the version of Sluice that wrote it, or a newer one")
        ?? FindProblem(manifest.Model, manifest.Versions)
        ?? manifest.Versions.Select((version, index) => FindProblem($"versions[{index}]", version, manifest.Model)).FirstOrDefault(problem => problem is not null)
        ?? FindSizeProblem(manifest);

    private static FieldProblem? FindProblem(ModelRecord model, IReadOnlyList<ModelVersion> versions) =>
        FieldProblem.Unless(ModelName.IsValid(model.Name), "model.name", $"{ModelName.Rule} are expected")
        ?? FieldProblem.Unless(versions.Count <= MostVersions, "versions", $"at most {MostVersions} are expected")
        ?? FieldProblem.Unless(versions.All(version => version is not null), "versions", "objects are expected")
        ?? FieldProblem.Unless(
            versions.DistinctBy(version => version.Version).Count() == versions.Count, "versions", "each number is expected once")
        ?? FieldProblem.Unless(
            model.HighestVersion >= versions.Select(version => version.Version).DefaultIfEmpty(0).Max(), "model.highestVersion", "not less than any version's number is expected")
        ?? FactRules.FindProblem(model.Description)
        ?? FactRules.FindTagProblem(model.Tags)
        ?? GateRules.FindProblem("model.gates", model.Gates)
        ?? model.Aliases.Where(alias => !AliasName.IsValid(alias.Key) || versions.All(version => version.Version != alias.Value))
            .Select(alias => new FieldProblem($"model.aliases.{alias.Key}", $"{AliasName.Rule} are expected, and the number of a version that is here")).FirstOrDefault();

    private static FieldProblem? FindProblem(string at, ModelVersion version, ModelRecord model) =>
        FieldProblem.Unless(version.Version >= 1, $"{at}.version", "a whole number from 1 is expected")
        ?? FieldProblem.Unless(version.Model == model.Name, $"{at}.model", "the model's name is expected")
        ?? FieldProblem.Unless(version.Files.Count is >= 1 and <= MostFiles, $"{at}.files", $"1 to {MostFiles} are expected")
        ?? version.Files.Select(file => FindProblem($"{at}.files", file)).FirstOrDefault(problem => problem is not null)
        ?? FieldProblem.Unless(
            version.Files.DistinctBy(file => file.Path, StringComparer.OrdinalIgnoreCase).Count() == version.Files.Count, $"{at}.files", "each path is expected once")
        ?? (version.Golden is null ? null : FindProblem($"{at}.golden", version.Golden))
        ?? FieldProblem.Unless(version.Files.Any(file => file.Path == version.ModelPath), $"{at}.modelPath", "the path of one of the files is expected")
        ?? FieldProblem.Unless(version.Digest == VersionDigest.Of(version.Files), $"{at}.digest", "the digest of the files is expected")
        ?? FieldProblem.Unless(
            version.Warnings.All(warning => warning is not null) && version.Aliases.All(alias => alias is not null), at, "no nulls are expected in lists")
        ?? Within(at, new VersionMetadata
        {
            Description = version.Description,
            Labels = version.Labels,
            Metrics = version.Metrics,
            Tags = version.Tags,
            SourceRun = version.SourceRun,
            Settings = version.Settings,
            Signature = version.Signature,
        }.FindProblem());

    // What is missing in JSON is null, whatever the type says.
    private static FieldProblem? FindProblem(string at, ModelFile? file) => file is not { Path: not null, Digest: not null }
        ? new FieldProblem(at, "objects with path, digest and size are expected")
        : (ArtifactPath.FindProblem(file.Path) is { } problem ? new FieldProblem(at, $"'{file.Path}': {problem}") : null)
            ?? FieldProblem.Unless(VersionDigest.IsValid(file.Digest), at, $"'{file.Path}': the digest sha256: and 64 lower-case hex digits is expected")
            ?? FieldProblem.Unless(file.Size >= 0, at, $"'{file.Path}': a size of 0 or more is expected");

    // One digest, one size: two sizes could not both be right, and only one of them would be checked.
    private static FieldProblem? FindSizeProblem(ArchiveManifest manifest) => FieldProblem.Unless(
        manifest.Versions.SelectMany(version => version.Blobs).GroupBy(file => file.Digest, StringComparer.Ordinal).All(same => same.DistinctBy(file => file.Size).Count() == 1),
        "versions",
        "files of one digest have one size");

    private static FieldProblem? Within(string at, FieldProblem? problem) => problem is null ? null : problem with { Field = $"{at}.{problem.Field}" };
}
