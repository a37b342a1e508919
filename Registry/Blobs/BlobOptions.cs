using Microsoft.Extensions.Options;
using Sluice.Registry.Objects;

namespace Sluice.Registry.Blobs;

/// <summary>Where blobs are kept.</summary>
internal enum BlobStoreKind
{
    /// <summary>A folder of this machine, or one that several share.</summary>
    Folder,

    /// <summary>A bucket of Amazon S3, or of a store that speaks its protocol.</summary>
    S3,

    /// <summary>A container of Azure Blob Storage.</summary>
    Azure,

    /// <summary>A bucket of Google Cloud Storage.</summary>
    Gcs,
}

/// <summary>Settings of the blobs. Configuration section <see cref="Section"/>.</summary>
internal sealed class BlobOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Registry:Blobs";

    /// <summary>Which store.</summary>
    public BlobStoreKind Store { get; set; } = BlobStoreKind.Folder;

    /// <summary>The folder, for <see cref="BlobStoreKind.Folder"/>; <c>blobs</c> in the data directory when it is not set.</summary>
    public string? Folder { get; set; }

    /// <summary>
    /// That several Registry processes use <see cref="Folder"/>. Without it the folder belongs to one process, which empties its staging area at start.
    /// The other stores are always shared.
    /// </summary>
    public bool Shared { get; set; }

    /// <summary>How often blobs that no version names are collected; zero: never by itself.</summary>
    [Contracts.SettingRange(typeof(TimeSpan), "00:00:00", "30.00:00:00", ErrorMessage = "Registry:Blobs:CollectEvery must be 0 (never) to 30 days.")]
    public TimeSpan CollectEvery { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How old a blob must be to be collected. Longer than the slowest registration takes from its last byte to its answer.</summary>
    [Contracts.SettingRange(typeof(TimeSpan), "00:01:00", "365.00:00:00", ErrorMessage = "Registry:Blobs:GracePeriod must be 1 minute to 365 days.")]
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The bucket, for <see cref="BlobStoreKind.S3"/>.</summary>
    public S3BlobOptions S3 { get; set; } = new();

    /// <summary>The container, for <see cref="BlobStoreKind.Azure"/>.</summary>
    public AzureBlobOptions Azure { get; set; } = new();

    /// <summary>The bucket, for <see cref="BlobStoreKind.Gcs"/>.</summary>
    public GcsBlobOptions Gcs { get; set; } = new();

    /// <summary>Whether several Registry processes may work with these blobs.</summary>
    public bool IsShared => Shared || Store != BlobStoreKind.Folder;
}

/// <summary>A bucket for blobs.</summary>
internal sealed class S3BlobOptions : S3Options
{
    /// <summary>The bucket.</summary>
    public string? Bucket { get; set; }

    /// <summary>What the names of the blobs begin with, e.g. <c>sluice/</c>.</summary>
    public string Prefix { get; set; } = "";
}

/// <summary>A container for blobs.</summary>
internal sealed class AzureBlobOptions : AzureOptions
{
    /// <summary>The container.</summary>
    public string? Container { get; set; }

    /// <summary>What the names of the blobs begin with, e.g. <c>sluice/</c>.</summary>
    public string Prefix { get; set; } = "";
}

/// <summary>A bucket for blobs.</summary>
internal sealed class GcsBlobOptions : GcsOptions
{
    /// <summary>The bucket.</summary>
    public string? Bucket { get; set; }

    /// <summary>What the names of the blobs begin with, e.g. <c>sluice/</c>.</summary>
    public string Prefix { get; set; } = "";
}

/// <summary>Checks the ranges of <see cref="BlobOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class BlobOptionsRanges : IValidateOptions<BlobOptions>;

/// <summary>Checks at start that the chosen store has what it needs.</summary>
internal sealed class BlobOptionsValidator : IValidateOptions<BlobOptions>
{
    public ValidateOptionsResult Validate(string? name, BlobOptions options)
    {
        List<string> problems = [.. FindProblems(options)];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> FindProblems(BlobOptions options) => options.Store switch
    {
        BlobStoreKind.Folder => options is { Shared: true, Folder: null or "" }
            ? [$"{BlobOptions.Section}:Folder is missing: {BlobOptions.Section}:Shared is set, so name the folder that the Registries share."]
            : [],
        BlobStoreKind.S3 => [.. Missing("S3:Bucket", options.S3.Bucket), .. options.S3.FindProblems($"{BlobOptions.Section}:S3")],
        BlobStoreKind.Azure => [.. Missing("Azure:Container", options.Azure.Container), .. options.Azure.FindProblems($"{BlobOptions.Section}:Azure")],
        BlobStoreKind.Gcs => [.. Missing("Gcs:Bucket", options.Gcs.Bucket), .. options.Gcs.FindProblems($"{BlobOptions.Section}:Gcs")],
        _ => [$"{BlobOptions.Section}:Store must be folder, s3, azure or gcs."],
    };

    private static IEnumerable<string> Missing(string key, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            yield return $"{BlobOptions.Section}:{key} is missing: name the place of the blobs, which must exist.";
        }
    }
}
