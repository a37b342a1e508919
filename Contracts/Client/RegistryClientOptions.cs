using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Sluice.Contracts;

/// <summary>How a service reaches the Registry. Configuration section <see cref="Section"/>.</summary>
public sealed class RegistryClientOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "RegistryClient";

    /// <summary>The Registry's http or https address. Default: <c>services:registry:http:0</c>, as Aspire sets it.</summary>
    [Required(ErrorMessage = "RegistryClient:Address is missing: set it, or services:registry:http:0, to the Registry's http address.")]
    public Uri? Address { get; set; }

    /// <summary>The secret that the Registry knows this service by; null where the Registry asks for none.</summary>
    public string? Token { get; set; }

    /// <summary>The file that keeps the last known good state; a service starts from it while the Registry is down.</summary>
    [Required(ErrorMessage = "RegistryClient:StateFile is missing: name a file that survives a restart.")]
    public string StateFile { get; set; } = "state/last-known-good.json";

    /// <summary>How long the watch may be silent before it counts as cut. The Registry sends a heartbeat every 5 s.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "RegistryClient:WatchTimeout must be 1 s to 10 min.")]
    public TimeSpan WatchTimeout { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>Checks <see cref="RegistryClientOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class RegistryClientOptionsValidator : IValidateOptions<RegistryClientOptions>;
