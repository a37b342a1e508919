using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace Sluice.ServiceDefaults;

/// <summary>Ports beside the public one.</summary>
public static class Listening
{
    /// <summary>Listens on a further port, on the host of the first address there is.</summary>
    public static void ListenAlsoOn(this WebApplicationBuilder builder, int port)
    {
        var urls = Urls(builder.Configuration);
        builder.WebHost.UseUrls([.. urls, $"http://{BindingAddress.Parse(urls[0]).Host}:{port}"]);
    }

    /// <summary>
    /// Listens for gRPC on a port of its own, where a setting names one: HTTP/1.1 and HTTP/2 without TLS cannot be told apart on one. A port out of range is
    /// left to the options' validation, which names the key.
    /// </summary>
    public static void ListenForGrpcOn(this WebApplicationBuilder builder, string key)
    {
        if (!int.TryParse(builder.Configuration[key], out var port) || port is < 1 or > 65535)
        {
            return;
        }

        builder.ListenAlsoOn(port);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            if (endpoint.IPEndPoint?.Port == port)
            {
                endpoint.Protocols = HttpProtocols.Http2;
            }
        }));
    }

    // Setting URLs replaces those that the host would have taken from HTTP_PORTS, so they are spelt out here.
    private static string[] Urls(ConfigurationManager configuration)
    {
        const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
        {
            return urls.Split(';', Trimmed);
        }

        return configuration[WebHostDefaults.HttpPortsKey] is { Length: > 0 } ports
            ? [.. ports.Split(';', Trimmed).Select(port => $"http://*:{port}")]
            : ["http://localhost:5000"];
    }
}
