using Microsoft.Extensions.Options;
using Sluice.Registry.Http;
using Sluice.ServiceDefaults;

namespace Sluice.Registry.Access;

/// <summary>
/// Keeps pages of other sites from using a visitor's browser against the Registry. A command must come from a page of the Registry itself or of an
/// allowed origin: <c>Origin</c> and <c>Sec-Fetch-Site</c> say so, and no page can forge them; who is no browser sends neither. And where access is open,
/// a request must be for a name of the loopback: a name of somebody else's that resolves to 127.0.0.1 would make his page "the Registry itself".
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, AccessPolicy policy, IOptions<AccessOptions> options)
{
    private const string FetchSite = "Sec-Fetch-Site";

    private readonly HashSet<string> _origins = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);
    private readonly string[] _hosts = [.. options.Value.AllowedHosts];

    public Task InvokeAsync(HttpContext context)
    {
        var problem = FindProblem(context.Request);
        return problem is null ? next(context) : Problems.Refused(StatusCodes.Status403Forbidden, problem).ExecuteAsync(context);
    }

    private string? FindProblem(HttpRequest request)
    {
        if (!IsAllowed(request.Host))
        {
            return policy.IsOpen
                ? $"Host: '{request.Host}' is not a name of this machine's loopback, and access is open; ask for localhost, name the host in Registry:AllowedHosts, or require keys."
                : $"Host: '{request.Host}' is not one of Registry:AllowedHosts.";
        }

        return HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)
            ? null // a page of another origin cannot read the answer: none says that it may
            : FindForeignPage(request);
    }

    private string? FindForeignPage(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (_origins.Contains(origin))
        {
            return null;
        }

        if (origin.Length > 0 && !IsOwn(origin, request.Host))
        {
            return $"Origin: pages of '{origin}' may not send commands; name the origin in Registry:AllowedOrigins if they shall.";
        }

        var site = request.Headers[FetchSite].ToString();
        return site is "" or "same-origin" or "none"
            ? null
            : $"{FetchSite}: a command from a page of another origin ('{site}') is refused; name its origin in Registry:AllowedOrigins if it shall be sent.";
    }

    private bool IsAllowed(HostString host) =>
        (policy.IsOpen && ListenAddresses.IsLoopbackHost(host.Host, allowSubdomains: true))
        || (!policy.IsOpen && _hosts.Length == 0)
        || _hosts.Any(allowed => Matches(host.Host, allowed));

    private static bool Matches(string host, string allowed) => allowed.StartsWith("*.", StringComparison.Ordinal)
        ? host.Length >= allowed.Length && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
        : string.Equals(host, allowed, StringComparison.OrdinalIgnoreCase);

    // The scheme is the page's: where TLS ends at an ingress, the request comes by http.
    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && page.Scheme is "http" or "https"
        && string.Equals(page.Host, host.Host, StringComparison.OrdinalIgnoreCase)
        && page.Port == (host.Port ?? (page.Scheme == "https" ? 443 : 80));
}
