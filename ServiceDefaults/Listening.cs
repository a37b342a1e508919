using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace Sluice.ServiceDefaults;

/// <summary>Ports beside the public one.</summary>
public static class Listening
{
    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <summary>Listens on a further port, on the host of the first address there is.</summary>
    public static void ListenAlsoOn(this WebApplicationBuilder builder, int port, string scheme = "http")
    {
        var urls = Urls(builder.Configuration);
        builder.WebHost.UseUrls([.. urls, $"{scheme}://{BindingAddress.Parse(urls[0]).Host}:{port}"]);
    }

    /// <summary>Listens with TLS on a port of its own, where a setting names one. A port out of range is left to the options' validation, which names the key.</summary>
    public static void ListenForTlsOn(this WebApplicationBuilder builder, string key)
    {
        if (TryFindPort(builder.Configuration, key, out var port))
        {
            builder.ListenAlsoOn(port, "https");
        }
    }

    /// <summary>
    /// Listens for gRPC on a port of its own, where a setting names one: HTTP/1.1 and HTTP/2 without TLS cannot be told apart on one. A port out of range is
    /// left to the options' validation, which names the key.
    /// </summary>
    public static void ListenForGrpcOn(this WebApplicationBuilder builder, string key)
    {
        if (!TryFindPort(builder.Configuration, key, out var port))
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

    private static bool TryFindPort(ConfigurationManager configuration, string key, out int port) =>
        int.TryParse(configuration[key], out port) && port is >= 1 and <= 65535;

    // Setting URLs replaces those that the host would have taken from HTTP_PORTS and HTTPS_PORTS, so they are spelt out here.
    private static string[] Urls(ConfigurationManager configuration)
    {
        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
        {
            return urls.Split(';', Trimmed);
        }

        string[] ports = [.. Ports(WebHostDefaults.HttpPortsKey, "http"), .. Ports(WebHostDefaults.HttpsPortsKey, "https")];
        return ports.Length > 0 ? ports : ["http://localhost:5000"];

        IEnumerable<string> Ports(string key, string scheme) => (configuration[key] ?? "").Split(';', Trimmed).Select(port => $"{scheme}://*:{port}");
    }
}
