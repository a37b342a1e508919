using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Registry;

/// <summary>Settings of the Registry. Configuration section <see cref="Section"/>.</summary>
internal sealed class RegistryOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Registry";

    /// <summary>The folder of the store and the blobs. It belongs to one Registry at a time.</summary>
    [Required(ErrorMessage = "Registry:DataDirectory is missing: name the folder that keeps the Registry's data.")]
    public string DataDirectory { get; set; } = "";

    /// <summary>Models that a development start registers when it does not know them: <c>model/number/model.onnx</c> with a <c>version.json</c>.</summary>
    public string? SamplesDirectory { get; set; }

    /// <summary>A document as <c>POST /api/apply</c> takes it, which is applied whenever it changes; null for none.</summary>
    public string? ModelsFile { get; set; }

    /// <summary>How long a replica or gateway may be silent before it is forgotten. They report every 2 s.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:03", "01:00:00", ErrorMessage = "Registry:ReplicaExpiry must be 3 s to 1 h.")]
    public TimeSpan ReplicaExpiry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Revisions that a cut watch can go on from; behind them it starts over with a snapshot. Kept on disk and in memory.</summary>
    [SettingRange(10, 100_000, ErrorMessage = "Registry:HistoryLength must be 10 to 100000 revisions.")]
    public int HistoryLength { get; set; } = 1000;
}

/// <summary>Checks <see cref="RegistryOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class RegistryOptionsValidator : IValidateOptions<RegistryOptions>;
