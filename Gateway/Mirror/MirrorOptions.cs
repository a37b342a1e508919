using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Gateway.Mirror;

/// <summary>By what answers of stable and canary are compared.</summary>
internal enum MirrorCompare
{
    /// <summary>Classifiers, which are the versions with labels, by class; all others by their tensors.</summary>
    Auto,

    /// <summary>By class.</summary>
    Class,

    /// <summary>By the tensors' values.</summary>
    Tensors,
}

/// <summary>How traffic is mirrored. Keys of the section <see cref="GatewayOptions.Section"/>; the share is the rollout's.</summary>
internal sealed class MirrorOptions
{
    /// <summary>Copies that may wait; one more is dropped.</summary>
    [SettingRange(1, 100_000, ErrorMessage = "Gateway:MirrorQueue must be 1 to 100000.")]
    public int MirrorQueue { get; set; } = 256;

    /// <summary>Copies that canaries work on at once, of all models together.</summary>
    [SettingRange(1, 1024, ErrorMessage = "Gateway:MirrorConcurrency must be 1 to 1024.")]
    public int MirrorConcurrency { get; set; } = 4;

    /// <summary>The time that a canary has for a copy, and that a copy may wait. Default: 5 s, or <see cref="GatewayOptions.RequestTimeout"/> where that is shorter.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = "Gateway:MirrorTimeout must be 1 ms to 1 h.")]
    public TimeSpan? MirrorTimeout { get; set; }

    /// <summary>By what answers are compared.</summary>
    [EnumDataType(typeof(MirrorCompare), ErrorMessage = "Gateway:MirrorCompare must be auto, class or tensors.")]
    public MirrorCompare MirrorCompare { get; set; }

    /// <summary>How far apart floating values may be, as a share of stable's; a hundredth of it is allowed in absolute terms.</summary>
    [SettingRange(0, 1, ErrorMessage = "Gateway:MirrorTolerance must be 0 to 1.")]
    public double MirrorTolerance { get; set; } = 1e-3;
}

/// <summary>Checks <see cref="MirrorOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class MirrorOptionsValidator : IValidateOptions<MirrorOptions>;

/// <summary>Brings the mirror.</summary>
internal static class MirrorSetup
{
    public static void AddMirror(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<MirrorOptions>, MirrorOptionsValidator>();
        builder.Services.AddOptions<MirrorOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<TrafficMirror>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TrafficMirror>());
    }
}
