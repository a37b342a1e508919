using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Sluice.ServiceDefaults;

/// <summary>Whether a service is open to whoever reaches it, or asks for keys: <c>Registry:Access</c> and <c>Gateway:Access</c>.</summary>
public sealed class AccessPolicy
{
    /// <summary>The setting that lets in whoever reaches the port; only on loopback addresses.</summary>
    public const string Open = "open";

    /// <summary>The setting that asks everybody for a credential.</summary>
    public const string Keys = "keys";

    private const string ForwardedFor = "X-Forwarded-For";

    /// <param name="setting"><see cref="Open"/> or <see cref="Keys"/>; null or empty: open in development on loopback addresses, else keys.</param>
    /// <param name="configuration">Says where the server listens.</param>
    /// <param name="environment">Development, or something serious.</param>
    public AccessPolicy(string? setting, IConfiguration configuration, IHostEnvironment environment) => IsOpen = setting switch
    {
        Open => true,
        Keys => false,
        _ => environment.IsDevelopment() && ListenAddresses.FindReachable(configuration) is null,
    };

    /// <summary>Whether whoever sends no credential may do everything, from this machine.</summary>
    public bool IsOpen { get; }

    /// <summary>What is wrong with the setting, in a sentence that names its key; null when nothing is.</summary>
    /// <param name="key">The setting's key.</param>
    /// <param name="setting">Its value.</param>
    /// <param name="configuration">Says where the server listens.</param>
    public static string? FindProblem(string key, string? setting, IConfiguration configuration) =>
        setting is not (null or "" or Open or Keys) ? $"{key} is '{setting}': {Open} or {Keys} is expected."
        : setting == Open && ListenAddresses.FindReachable(configuration) is { } address
            ? $"{key} is {Open}, but {address} can be reached from other machines: listen on loopback addresses only (urls=http://127.0.0.1:8081), or set {key}={Keys}."
        : null;

    /// <summary>
    /// Whether a request without a credential is let in. The settings were checked at start; the connection is looked at nevertheless, and so is what a
    /// proxy on this machine, the Gateway say, tells of its caller.
    /// </summary>
    public bool LetsInWithoutCredential(HttpContext context) =>
        IsOpen
        && IsHere(context.Connection.LocalIpAddress)
        && IsHere(context.Connection.RemoteIpAddress)
        && (context.Request.Headers[ForwardedFor].Count == 0 || context.Request.Headers.GetCommaSeparatedValues(ForwardedFor).All(IsHere));

    // None: a socket of the file system.
    private static bool IsHere(IPAddress? address) => address is null || IPAddress.IsLoopback(address);

    private static bool IsHere(string forwarded) =>
        IPEndPoint.TryParse(forwarded, out var endpoint) && IPAddress.IsLoopback(endpoint.Address);
}
