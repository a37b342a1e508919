using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Gateway;

/// <summary>How the gateway serves. Configuration section <see cref="Section"/>.</summary>
internal sealed class GatewayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Gateway";

    /// <summary>Names this process to the Registry; unique for its life. Default: the machine's name and a random part.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}", ErrorMessage = "Gateway:Id must be 1 to 100 characters of A-Z a-z 0-9 . _ -")]
    public string? Id { get; set; }

    /// <summary>Where others reach this gateway: an absolute http or https address without a path. Default: the public address it listens on, with TLS where there is one.</summary>
    public Uri? AdvertisedAddress { get; set; }

    /// <summary>The port of the gRPC endpoint (HTTP/2 without TLS), on the public endpoint's host; null for none.</summary>
    [SettingRange(1, 65535, ErrorMessage = "Gateway:GrpcPort must be 1 to 65535.")]
    public int? GrpcPort { get; set; }

    /// <summary>The time a request may take where its caller asks for no shorter one.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = "Gateway:RequestTimeout must be 1 ms to 1 h.")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time a connection to a replica may take to come about before another replica is asked.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Gateway:ConnectTimeout must be 10 ms to 1 min.")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The largest body of an inference request, in bytes. Uploads to the Registry are not bound by it.</summary>
    [SettingRange(1, double.MaxValue, ErrorMessage = "Gateway:MaxRequestBodyBytes must be at least 1.")]
    public long MaxRequestBodyBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>The model that a path without one means, where the caller names none. Default: the only model that is served.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}", ErrorMessage = "Gateway:DefaultModel must be a model's name: 1 to 100 characters of A-Z a-z 0-9 . _ -")]
    public string? DefaultModel { get; set; }

    /// <summary>Edges of the histogram of latencies, rising, in seconds. Default: 0.001 to 30. A rollout's limit becomes an edge of its model by itself.</summary>
    public double[]? LatencyEdges { get; set; }

    /// <summary>The largest body of a request that is held, so that it can be sent again, in bytes. A larger one is streamed through, unshielded.</summary>
    [SettingRange(0, 1024 * 1024 * 1024, ErrorMessage = "Gateway:MaxHeldBodyBytes must be 0 to 1073741824.")]
    public int MaxHeldBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>The largest answer of a stable version that is held until it is complete, in bytes. A larger one is passed on as it comes.</summary>
    [SettingRange(1024, 1024 * 1024 * 1024, ErrorMessage = "Gateway:MaxHeldAnswerBytes must be 1024 to 1073741824.")]
    public int MaxHeldAnswerBytes { get; set; } = 1024 * 1024;

    /// <summary>The largest answer of a canary that is held, in bytes. To a request that it answers with more, stable answers.</summary>
    [SettingRange(1024, 1024 * 1024 * 1024, ErrorMessage = "Gateway:MaxHeldCanaryAnswerBytes must be 1024 to 1073741824.")]
    public int MaxHeldCanaryAnswerBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>What all held bodies and answers take together, in bytes. Beyond it requests are streamed through.</summary>
    [SettingRange(1024 * 1024, 1L << 40, ErrorMessage = "Gateway:HeldBytes must be 1048576 to 1099511627776.")]
    public long HeldBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>The longest that a caller waits for a canary before stable is asked; half of its remaining time, where that is shorter.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Gateway:ShieldPatience must be 10 ms to 1 h.")]
    public TimeSpan ShieldPatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two probes of a replica.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.100", "00:01:00", ErrorMessage = "Gateway:ProbeInterval must be 100 ms to 1 min.")]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Time that a probe may take. A replica that misses three in a row is given up until it answers one.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.100", "00:01:00", ErrorMessage = "Gateway:ProbeTimeout must be 100 ms to 1 min.")]
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait, at the end of the process, for clients to move to another gateway and for their requests.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Gateway:DrainTimeout must be 0 s to 1 h.")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);
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
            .Validate(
                options => options.LatencyEdges is not { Length: > 0 } edges || AreEdges(edges),
                "Gateway:LatencyEdges must be at most 100 seconds above 0, each above the one before.")
            .ValidateOnStart();
        // A read of nothing before each read costs a small request a twentieth of its processor time; the buffer it saves an idle connection is 4 KiB.
        builder.WebHost.UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<GatewayOptions>>((server, gateway) =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = gateway.Value.MaxRequestBodyBytes;
        });
    }

    private static bool AreEdges(double[] edges) =>
        edges.Length <= 100 && edges.All(edge => edge > 0 && double.IsFinite(edge)) && edges.Zip(edges.Skip(1)).All(pair => pair.First < pair.Second);
}
