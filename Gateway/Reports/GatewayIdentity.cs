using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Reports;

/// <summary>How the Registry knows this gateway.</summary>
internal sealed class GatewayIdentity(IOptions<GatewayOptions> options, IServer server)
{
    /// <summary>Unique for the life of the process.</summary>
    public string Id { get; } = options.Value.Id ?? $"{Environment.MachineName}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>Where it is reached: an absolute URL without a path. Known once the server listens.</summary>
    public string Address() => (options.Value.Address ?? ListeningAddress()).GetLeftPart(UriPartial.Authority);

    // A wildcard (http://*:8080, http://[::]:8080) is no address to others; the machine's name is.
    private Uri ListeningAddress()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses;
        var first = BindingAddress.Parse(addresses?.FirstOrDefault() ?? "http://localhost");
        var anywhere = first.Host is "*" or "+" or "[::]" or "0.0.0.0";
        return new UriBuilder(first.Scheme, anywhere ? Dns.GetHostName() : first.Host, first.Port).Uri;
    }
}
