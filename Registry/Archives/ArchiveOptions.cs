using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Registry.Archives;

/// <summary>Settings of export and import. Configuration section <see cref="Section"/>.</summary>
internal sealed class ArchiveOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Registry:Archives";

    /// <summary>Bytes that the files of an imported model may have, uncompressed.</summary>
    [SettingRange(typeof(long), "1", "1099511627776000", ErrorMessage = "Registry:Archives:MaxBytes must be 1 to 1099511627776000 (1000 TiB).")]
    public long MaxBytes { get; set; } = 1024L * 1024 * 1024 * 1024;
}

/// <summary>Checks <see cref="ArchiveOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ArchiveOptionsValidator : IValidateOptions<ArchiveOptions>;
