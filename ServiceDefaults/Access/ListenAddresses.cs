using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Sluice.ServiceDefaults;

/// <summary>Where the settings make the server listen.</summary>
public static class ListenAddresses
{
    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <summary>The first address that is not on this machine's loopback; null when all are.</summary>
    public static string? FindReachable(IConfiguration configuration) => All(configuration).FirstOrDefault(address => !IsLoopback(address));

    /// <summary>All addresses, as the server itself finds them: its endpoints, else the URLs, else the ports.</summary>
    public static IEnumerable<string> All(IConfiguration configuration)
    {
        string[] endpoints = [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];
        if (endpoints.Length > 0)
        {
            return endpoints;
        }

        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
        {
            return urls.Split(';', Trimmed);
        }

        string[] ports = [.. Ports(configuration, WebHostDefaults.HttpPortsKey, "http"), .. Ports(configuration, WebHostDefaults.HttpsPortsKey, "https")];
        return ports.Length > 0 ? ports : ["http://localhost:5000"];
    }

    /// <summary>Whether an address is only reached from this machine. A name that is not <c>localhost</c> makes the server listen everywhere.</summary>
    public static bool IsLoopback(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            return binding.IsUnixPipe || binding.IsNamedPipe || IsLoopbackHost(binding.Host, allowSubdomains: false);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            return false; // the server will say what is wrong with it
        }
    }

    /// <summary>Whether a host is a name or address of the loopback.</summary>
    public static bool IsLoopbackHost(string host, bool allowSubdomains) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (allowSubdomains && host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) // browsers never ask the network for these
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static IEnumerable<string> Ports(IConfiguration configuration, string key, string scheme) =>
        (configuration[key] ?? "").Split(';', Trimmed).Select(port => $"{scheme}://*:{port}");
}
