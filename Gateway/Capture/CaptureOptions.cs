using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway.Capture;

/// <summary>What of the bodies is captured.</summary>
internal enum CaptureBodies
{
    /// <summary>All of a body that is not too large, but what is redacted.</summary>
    Whole,

    /// <summary>How many bytes it has.</summary>
    Sizes,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>How requests and answers are captured. Configuration section <see cref="Section"/>.</summary>
internal sealed class CaptureOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Gateway:Capture";

    /// <summary>Where the files go; null or empty captures nothing.</summary>
    public string? Folder { get; set; }

    /// <summary>The share of requests that is captured, 0 to 1.</summary>
    [SettingRange(0, 1, ErrorMessage = "Gateway:Capture:Share must be 0 to 1.")]
    public double Share { get; set; } = 0.01;

    /// <summary>A file that would grow beyond so many bytes is followed by the next one.</summary>
    [SettingRange(4096, 1L << 40, ErrorMessage = "Gateway:Capture:MaxFileBytes must be 4096 to 1099511627776.")]
    public long MaxFileBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Files that are kept; the oldest goes when there is one more. So the disk holds this times <see cref="MaxFileBytes"/> at most.</summary>
    [SettingRange(1, 10_000, ErrorMessage = "Gateway:Capture:MaxFiles must be 1 to 10000.")]
    public int MaxFiles { get; set; } = 16;

    /// <summary>A body with more bytes is left out, and its size noted.</summary>
    [SettingRange(0, 16 * 1024 * 1024, ErrorMessage = "Gateway:Capture:MaxBodyBytes must be 0 to 16777216.")]
    public int MaxBodyBytes { get; set; } = 64 * 1024;

    /// <summary>Requests that may wait to be written; one more is dropped.</summary>
    [SettingRange(1, 100_000, ErrorMessage = "Gateway:Capture:Queue must be 1 to 100000.")]
    public int Queue { get; set; } = 256;

    /// <summary>What of the bodies is captured.</summary>
    [EnumDataType(typeof(CaptureBodies), ErrorMessage = "Gateway:Capture:Bodies must be none, sizes or whole.")]
    public CaptureBodies Bodies { get; set; }

    /// <summary>Names of inputs, outputs and other members whose values are left out of JSON bodies; one that begins with <c>/</c> is a JSON pointer.</summary>
    public string[] Redact { get; set; } = [];

    /// <summary>The models whose requests are captured; all when empty.</summary>
    public string[] Models { get; set; } = [];

    /// <summary>Whether anything is captured.</summary>
    public bool IsOn => !string.IsNullOrEmpty(Folder) && Share > 0;
}

/// <summary>Checks <see cref="CaptureOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class CaptureOptionsValidator : IValidateOptions<CaptureOptions>;

/// <summary>Brings the capture.</summary>
internal static class CaptureSetup
{
    public static void AddCapture(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<CaptureOptions>, CaptureOptionsValidator>();
        builder.Services.AddOptions<CaptureOptions>()
            .BindConfiguration(CaptureOptions.Section)
            .Validate(
                options => options.Models.All(ModelName.IsValid),
                $"Gateway:Capture:Models must be names of models: {ModelName.Rule}.")
            .Validate(
                options => options.Redact.All(name => name.Length > 0),
                "Gateway:Capture:Redact must be names, or JSON pointers that begin with '/'.")
            .Validate(
                options => !options.IsOn || CaptureFiles.IsWritable(options.Folder!),
                "Gateway:Capture:Folder must be a folder that can be made and written.")
            .ValidateOnStart();
        builder.Services.AddSingleton<CaptureFiles>();
        builder.Services.AddSingleton<RequestCapture>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RequestCapture>());
        builder.Services.AddSingleton<CaptureFigures>();
        builder.Services.AddMetricSource<CaptureFigures>();
    }
}
