using System.Net;
using System.Threading.RateLimiting;

namespace Sluice.Registry.Access;

/// <summary>
/// Counts credentials that were wrong, by the address they came from: twenty a minute are answered and logged, each without the credential; further
/// ones get 429 and no line in the log. Only wrong ones are counted and refused, so nobody can lock out anybody else behind the same proxy.
/// </summary>
internal sealed partial class FailedAttempts(ILogger<FailedAttempts> logger) : IDisposable
{
    private const int PerMinute = 20;
    private const int NetworkOfOneCaller = 64; // bits of an IPv6 address: a single machine has all addresses below them

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions { PermitLimit = PerMinute, Window = Window }));

    /// <summary>Notes one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">The route it was for; the path itself is the caller's text.</param>
    /// <param name="reason">What was wrong, without the credential.</param>
    /// <returns>How long its sender shall wait before the next one; null when he need not.</returns>
    public TimeSpan? Note(HttpContext context, string endpoint, string reason)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        using var lease = _limiter.AttemptAcquire(CallerOf(address));
        if (!lease.IsAcquired)
        {
            return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Window;
        }

        LogRefused(context.Request.Method, endpoint, address, reason);
        return null;
    }

    public void Dispose() => _limiter.Dispose();

    private static IPAddress CallerOf(IPAddress address)
    {
        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkOfOneCaller / 8).Clear();
        return new IPAddress(bytes);
    }

    [LoggerMessage(LogLevel.Warning, "Refused {Method} {Endpoint} from {Address}: {Reason}. If it is a service, compare its RegistryClient:Token with Registry:Services; if a key, look whether it was regenerated, deleted, or expired")]
    private partial void LogRefused(string method, string endpoint, IPAddress address, string reason);
}
