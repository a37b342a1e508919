using System.Net;
using Microsoft.Extensions.Options;

namespace Sluice.Registry.Access;

/// <summary>Whether the Registry is open, and to whom.</summary>
internal sealed class AccessPolicy(IOptions<AccessOptions> options, IConfiguration configuration, IHostEnvironment environment)
{
    private const string ForwardedFor = "X-Forwarded-For";

    /// <summary>Whether whoever sends no credential may do everything, from this machine.</summary>
    public bool IsOpen { get; } = options.Value.Access switch
    {
        AccessOptions.Open => true,
        AccessOptions.Keys => false,
        _ => environment.IsDevelopment() && ListenAddresses.FindReachable(configuration) is null,
    };

    /// <summary>
    /// Whether a request without a credential is let in. The settings were checked at start; the connection is looked at nevertheless, and so is what a
    /// proxy on this machine, the Gateway say, tells of its caller.
    /// </summary>
    public bool LetsInWithoutCredential(HttpContext context) =>
        IsOpen
        && IsHere(context.Connection.LocalIpAddress)
        && IsHere(context.Connection.RemoteIpAddress)
        && context.Request.Headers.GetCommaSeparatedValues(ForwardedFor).All(IsHere);

    // None: a socket of the file system.
    private static bool IsHere(IPAddress? address) => address is null || IPAddress.IsLoopback(address);

    private static bool IsHere(string forwarded) =>
        IPEndPoint.TryParse(forwarded, out var endpoint) && IPAddress.IsLoopback(endpoint.Address);
}
