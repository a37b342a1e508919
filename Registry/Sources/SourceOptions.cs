using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Objects;

namespace Sluice.Registry.Sources;

/// <summary>
/// Settings of the places that versions may be fetched from. Configuration section <see cref="Section"/>. Nothing is allowed that is not named here: the
/// Registry reads with its own rights, which are not those of whoever names a place.
/// </summary>
internal sealed class SourceOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Registry:Sources";

    /// <summary>Folders below which <c>file://</c> may point. Links are followed, and refused when they lead out.</summary>
    public IReadOnlyList<string> FileRoots { get; set; } = [];

    /// <summary>Bytes that one version may have when it is fetched.</summary>
    [SettingRange(typeof(long), "1", "1099511627776000", ErrorMessage = "Registry:Sources:MaxBytes must be 1 to 1099511627776000 (1000 TiB).")]
    public long MaxBytes { get; set; } = 100L * 1024 * 1024 * 1024;

    /// <summary>How long fetching one version may take.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Registry:Sources:TimeLimit must be 1 s to 1 day.")]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The S3 store of <c>s3://bucket/prefix</c>.</summary>
    public S3SourceOptions S3 { get; set; } = new();

    /// <summary>The account of <c>azure://container/prefix</c> and of its <c>https://</c> addresses.</summary>
    public AzureSourceOptions Azure { get; set; } = new();

    /// <summary>The Cloud Storage of <c>gs://bucket/prefix</c>.</summary>
    public GcsSourceOptions Gcs { get; set; } = new();
}

/// <summary>Buckets that may be read.</summary>
internal sealed class S3SourceOptions : S3Options
{
    /// <summary>Their names; empty: <c>s3://</c> is not accepted.</summary>
    public IReadOnlyList<string> Buckets { get; set; } = [];
}

/// <summary>Containers that may be read.</summary>
internal sealed class AzureSourceOptions : AzureOptions
{
    /// <summary>Their names; empty: Azure addresses are not accepted.</summary>
    public IReadOnlyList<string> Containers { get; set; } = [];
}

/// <summary>Buckets that may be read.</summary>
internal sealed class GcsSourceOptions : GcsOptions
{
    /// <summary>Their names; empty: <c>gs://</c> is not accepted.</summary>
    public IReadOnlyList<string> Buckets { get; set; } = [];
}

/// <summary>Checks the ranges of <see cref="SourceOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class SourceOptionsRanges : IValidateOptions<SourceOptions>;

/// <summary>Checks at start that the places named can be reached by what is known of them.</summary>
internal sealed class SourceOptionsValidator : IValidateOptions<SourceOptions>
{
    public ValidateOptionsResult Validate(string? name, SourceOptions options)
    {
        List<string> problems =
        [
            .. options.FileRoots.Where(root => !Path.IsPathFullyQualified(root))
                .Select(root => $"{SourceOptions.Section}:FileRoots must be absolute paths; '{root}' is none."),
            .. options.S3.Buckets.Count > 0 ? options.S3.FindProblems($"{SourceOptions.Section}:S3") : [],
            .. options.Azure.Containers.Count > 0 ? options.Azure.FindProblems($"{SourceOptions.Section}:Azure") : [],
            .. options.Gcs.Buckets.Count > 0 ? options.Gcs.FindProblems($"{SourceOptions.Section}:Gcs") : [],
        ];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
