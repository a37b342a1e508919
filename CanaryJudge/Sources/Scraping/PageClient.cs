using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Sources.Scraping;

/// <summary>A gateway's page, or why there is none.</summary>
/// <param name="At">When it was asked for: what it counts is at least what had happened by then.</param>
/// <param name="Text">The page; null when there is none.</param>
/// <param name="Problem">Why not.</param>
internal sealed record ScrapedPage(DateTimeOffset At, string? Text, string? Problem);

/// <summary>Fetches pages, each within bounds of time and size. Whatever is not a whole page of the text format 0.0.4 is told as a problem.</summary>
internal sealed class PageClient : IDisposable
{
    private const string Path = "/metrics";

    private readonly ScrapeOptions _options;
    private readonly TimeProvider _time;

    // No redirects, no proxy, no cookies: the page is the gateway's own or none. Not compressed, so that a cut is seen by the length.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };

    public PageClient(IOptions<ScrapeOptions> options, TimeProvider time) => (_options, _time) = (options.Value, time);

    /// <summary>Fetches the page of a gateway.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ScrapedPage> FetchAsync(GatewayStatus gateway, CancellationToken cancellationToken)
    {
        var at = _time.GetUtcNow();
        if (gateway.MetricsAddress is not { } address || !Uri.TryCreate(address + Path, UriKind.Absolute, out var uri))
        {
            return new ScrapedPage(at, null, "it tells no address of its metrics: set its Management:Port");
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_options.Timeout);
        try
        {
            return await FetchAsync(uri, at, end.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new ScrapedPage(at, null, end.IsCancellationRequested
                ? $"{uri} did not answer within {_options.Timeout.TotalSeconds:0.#} s"
                : $"{uri} could not be read: {exception.GetBaseException().Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<ScrapedPage> FetchAsync(Uri uri, DateTimeOffset at, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var problem = answer.StatusCode != HttpStatusCode.OK ? $"{uri} answered {(int)answer.StatusCode}"
            : !IsPage(answer.Content.Headers.ContentType) ? $"{uri} is {answer.Content.Headers.ContentType?.ToString() ?? "of no type"}, not Prometheus' text format"
            : null;
        if (problem is not null)
        {
            return new ScrapedPage(at, null, problem);
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var page = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = await body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (page.Length + count > _options.MaxPageBytes)
            {
                return new ScrapedPage(at, null, $"{uri} is larger than {_options.MaxPageBytes} bytes (Judge:Scrape:MaxPageBytes)");
            }

            page.Write(buffer, 0, count);
        }

        return new ScrapedPage(at, Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length), null);
    }

    private static bool IsPage(MediaTypeHeaderValue? type) =>
        type is { MediaType: "text/plain" } && type.Parameters.FirstOrDefault(parameter => parameter.Name == "version")?.Value?.Trim('"') is null or "0.0.4";
}
