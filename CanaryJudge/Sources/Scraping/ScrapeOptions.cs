using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Sources.Scraping;

/// <summary>How the gateways' own pages are read. Configuration section <see cref="Section"/>.</summary>
internal sealed class ScrapeOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Judge:Scrape";

    /// <summary>The time that one gateway may take for its page.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.100", "00:00:30", ErrorMessage = "Judge:Scrape:Timeout must be 100 ms to 30 s.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The largest page that is read, in bytes. A larger one counts as missing.</summary>
    [SettingRange(1024, 1024 * 1024 * 1024, ErrorMessage = "Judge:Scrape:MaxPageBytes must be 1024 to 1073741824.")]
    public int MaxPageBytes { get; set; } = 32 * 1024 * 1024;
}

/// <summary>Checks <see cref="ScrapeOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ScrapeOptionsValidator : IValidateOptions<ScrapeOptions>;
