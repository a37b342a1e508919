using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Sluice.Registry.Rollouts.Webhooks;

/// <summary>
/// Connections to webhooks. Names are resolved here and the very addresses that were checked are connected to, so that a name cannot point elsewhere a
/// moment later; redirects and proxies are not followed, for the same reason.
/// </summary>
internal sealed class WebhookConnections : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<string> _internalHosts;

    public WebhookConnections(IOptions<RolloutOptions> options)
    {
        _internalHosts = [.. options.Value.InternalWebhookHosts];
        Http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 16,
        })
        {
            Timeout = Timeout,
            MaxResponseContentBufferSize = 64 * 1024,
        };
    }

    /// <summary>The client.</summary>
    public HttpClient Http { get; }

    /// <summary>What forbids an address before anything is resolved; null when nothing does.</summary>
    public string? FindProblem(Uri webhook) => webhook.Scheme == Uri.UriSchemeHttps || IsInternal(webhook.Host)
        ? null
        : $"https is expected; plain http only to hosts of Registry:Rollouts:InternalWebhookHosts, and {webhook.Host} is none";

    public void Dispose() => Http.Dispose();

    private bool IsInternal(string host) => _internalHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = IsInternal(host) ? addresses : Array.FindAll(addresses, PublicAddresses.Contain);
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, $"{host} has no public address. If it is yours, name it in Registry:Rollouts:InternalWebhookHosts.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
