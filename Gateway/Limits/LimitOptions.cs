using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Gateway.Limits;

/// <summary>What the gateway takes at most of clients, all together and each. Configuration section <see cref="GatewayOptions.Section"/>.</summary>
internal sealed class LimitOptions
{
    /// <summary>Requests for inference that are in flight at once; further ones are 503 at once. What each costs is memory.</summary>
    [SettingRange(1, 1_000_000, ErrorMessage = "Gateway:MaxInFlight must be 1 to 1000000.")]
    public int MaxInFlight { get; set; } = 10_000;

    /// <summary>Connections that are open at once; further ones are closed. Default: as many as the system gives.</summary>
    [SettingRange(1, 10_000_000, ErrorMessage = "Gateway:MaxConnections must be 1 to 10000000.")]
    public int? MaxConnections { get; set; }

    /// <summary>Time for the request line and the headers of a request, from their first byte to the last.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Gateway:RequestHeadersTimeout must be 1 s to 10 min.")]
    public TimeSpan RequestHeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes a second that a body must come with, after five seconds of grace; slower ones are 408. 0: as slow as may be.</summary>
    [SettingRange(0, 1024 * 1024, ErrorMessage = "Gateway:MinBodyBytesPerSecond must be 0 to 1048576.")]
    public double MinBodyBytesPerSecond { get; set; } = 240;

    /// <summary>How long a connection without a request is kept.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Gateway:IdleConnectionTimeout must be 1 s to 1 day.")]
    public TimeSpan IdleConnectionTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>The most headers of a request; more are 431.</summary>
    [SettingRange(10, 10_000, ErrorMessage = "Gateway:MaxHeaders must be 10 to 10000.")]
    public int MaxHeaders { get; set; } = 100;

    /// <summary>The most bytes of all headers of a request; more are 431.</summary>
    [SettingRange(1024, 1024 * 1024, ErrorMessage = "Gateway:MaxHeaderBytes must be 1024 to 1048576.")]
    public int MaxHeaderBytes { get; set; } = 32 * 1024;
}

/// <summary>Checks <see cref="LimitOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;

/// <summary>Brings the limits; the server enforces most of them.</summary>
internal static class LimitsSetup
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static void AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        builder.Services.AddOptions<LimitOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>>((server, limits) => Set(server.Limits, limits.Value));
    }

    private static void Set(KestrelServerLimits server, LimitOptions limits)
    {
        server.MaxConcurrentConnections = limits.MaxConnections;
        server.RequestHeadersTimeout = limits.RequestHeadersTimeout;
        server.KeepAliveTimeout = limits.IdleConnectionTimeout;
        server.MinRequestBodyDataRate = limits.MinBodyBytesPerSecond > 0 ? new MinDataRate(limits.MinBodyBytesPerSecond, Grace) : null;
        server.MaxRequestHeaderCount = limits.MaxHeaders;
        server.MaxRequestHeadersTotalSize = limits.MaxHeaderBytes;
    }
}
