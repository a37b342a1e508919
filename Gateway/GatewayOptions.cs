using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway;

/// <summary>How the gateway serves. Configuration section <see cref="Section"/>.</summary>
internal sealed class GatewayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Gateway";

    /// <summary>Names this process to the Registry; unique for its life. Default: the machine's name and a random part.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}", ErrorMessage = "Gateway:Id must be 1 to 100 characters of A-Z a-z 0-9 . _ -")]
    public string? Id { get; set; }

    /// <summary>Where others reach this gateway: an absolute http or https address without a path. Default: the public address it listens on.</summary>
    public Uri? AdvertisedAddress { get; set; }

    /// <summary>The time a request may take where its caller asks for no shorter one.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = "Gateway:RequestTimeout must be 1 ms to 1 h.")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time a connection to a replica may take to come about before another replica is asked.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Gateway:ConnectTimeout must be 10 ms to 1 min.")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The largest body of an inference request, in bytes. Uploads to the Registry are not bound by it.</summary>
    [SettingRange(1, double.MaxValue, ErrorMessage = "Gateway:MaxRequestBodyBytes must be at least 1.")]
    public long MaxRequestBodyBytes { get; set; } = 100 * 1024 * 1024;
}

/// <summary>Checks <see cref="GatewayOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;

/// <summary>Brings the options and what the server takes from them.</summary>
internal static class GatewaySetup
{
    public static void AddGatewayOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        builder.Services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .Validate(
                options => options.AdvertisedAddress is null or { IsAbsoluteUri: true, Scheme: "http" or "https", AbsolutePath: "/", Query: "" },
                "Gateway:AdvertisedAddress must be an absolute http or https address without a path.")
            .ValidateOnStart();
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddMetricSource<GatewayMetrics>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<GatewayOptions>>((server, gateway) =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = gateway.Value.MaxRequestBodyBytes;
        });
    }
}
