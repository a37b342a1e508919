using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>The page for Prometheus, on the management endpoint.</summary>
public static class MetricsEndpoint
{
    /// <summary>What the page is said to be: the text format 0.0.4, which every scraper reads, whatever else it asks for.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Adds a source that renders series of its own into the page. It is one for the life of the service.</summary>
    public static IServiceCollection AddMetricSource<TSource>(this IServiceCollection services)
        where TSource : class, IMetricSource =>
        services.AddSingleton<IMetricSource>(provider => provider.GetRequiredService<TSource>());

    internal static void UseMetrics(this IApplicationBuilder management)
    {
        var pages = management.ApplicationServices.GetRequiredService<MetricsPages>();
        management.Use(next => context => context.Request.Path == Management.MetricsPath ? AnswerAsync(context, pages) : next(context));
    }

    private static async Task AnswerAsync(HttpContext context, MetricsPages pages)
    {
        var (request, response) = (context.Request, context.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }

        using var page = await pages.TakeAsync();
        if (page.Failed)
        {
            response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (TakesGzip(request))
        {
            response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(page.Bytes, context.RequestAborted);
        }
        else
        {
            response.ContentLength = page.Bytes.Length;
            await response.Body.WriteAsync(page.Bytes, context.RequestAborted);
        }
    }

    private static bool TakesGzip(HttpRequest request)
    {
        StringWithQualityHeaderValue? best = null;
        foreach (var coding in request.GetTypedHeaders().AcceptEncoding)
        {
            if (coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) || (best is null && coding.Value == "*"))
            {
                best = coding; // what names gzip outweighs what names everything
            }
        }

        return best is not null && best.Quality is null or > 0;
    }
}
