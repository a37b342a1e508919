using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Reports;

/// <summary>How the Registry knows this gateway.</summary>
internal sealed class GatewayIdentity(IOptions<GatewayOptions> options, IOptions<ManagementOptions> management, IServer server)
{
    /// <summary>Unique for the life of the process.</summary>
    public string Id { get; } = options.Value.Id ?? $"{Environment.MachineName.ToLowerInvariant()}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>Where it is reached: an absolute URL without a path. Known once the server listens.</summary>
    public string Address() => (options.Value.AdvertisedAddress ?? ListeningAddress()).GetLeftPart(UriPartial.Authority);

    /// <summary>Where its metrics are read: the management port at the same host, which never speaks TLS; null where there is none.</summary>
    public string? MetricsAddress() => management.Value.Port is { } port
        ? new UriBuilder(Uri.UriSchemeHttp, new Uri(Address()).Host, port).Uri.GetLeftPart(UriPartial.Authority) : null;

    // A wildcard (http://*:8080, http://[::]:8080) is no address to others; the machine's name is.
    private Uri ListeningAddress()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var bound = addresses.Select(BindingAddress.Parse)
            .Where(address => address.Port != management.Value.Port && address.Port != options.Value.GrpcPort)
            .OrderByDescending(address => address.Scheme == Uri.UriSchemeHttps)
            .FirstOrDefault()
            ?? throw new InvalidOperationException("The server listens on no public address. Set Gateway:AdvertisedAddress.");
        var anywhere = bound.Host is "*" or "+" or "[::]" or "0.0.0.0";
        return new UriBuilder(bound.Scheme, anywhere ? Dns.GetHostName() : bound.Host, bound.Port).Uri;
    }
}
