using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Store;
using Sluice.Registry.Metrics;

namespace Sluice.Registry.Watch;

/// <summary>The watch over HTTP: server-sent events.</summary>
internal static class WatchEndpoints
{
    private const int LongestWrite = 16 * 1024;

    /// <summary>Adds the hub.</summary>
    public static WebApplicationBuilder AddWatch(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<WatchHub>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WatchHub>());
        return builder;
    }

    /// <summary>Maps the watch.</summary>
    public static void MapWatch(this IEndpointRouteBuilder app) => app.MapGet(ApiPaths.Watch, Watch).Requires(Scopes.Watch, Scopes.Replica, Scopes.Judge);

    private static Results<PushStreamHttpResult, ProblemHttpResult> Watch(
        HttpContext context, string? after, string? store, WatchHub hub, RegistryMetrics metrics, IHostApplicationLifetime lifetime)
    {
        long? revision = null;
        if (after is not null)
        {
            if (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                return Problems.Invalid("after", $"'{after}' is no revision: a whole number from 0 is expected");
            }

            revision = parsed;
        }

        // A revision of another store says nothing about this one.
        var watcher = new Watcher(hub, store == hub.StoreId ? revision : null);
        var withKeys = context.Caller().Holds(Scopes.Watch);
        context.Response.Headers.CacheControl = "no-cache, no-store";
        return TypedResults.Stream(stream => WriteAsync(stream, watcher, withKeys, metrics, context.RequestAborted, lifetime.ApplicationStopping), MediaTypeNames.Text.EventStream);
    }

    // A write is copied into the connection's buffer as a whole before the server waits for the reader: a snapshot of megabytes, written to a thousand
    // watchers at once, would be there a thousand times.
    private static async ValueTask WriteAsync(Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (; bytes.Length > LongestWrite; bytes = bytes[LongestWrite..])
        {
            await stream.WriteAsync(bytes[..LongestWrite], cancellationToken);
        }

        await stream.WriteAsync(bytes, cancellationToken);
    }

    private static async Task WriteAsync(
        Stream stream, Watcher watcher, bool withKeys, RegistryMetrics metrics, CancellationToken left, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(left, stopping);
        using var counted = metrics.WatcherCame();
        try
        {
            while (true)
            {
                foreach (var frame in await watcher.NextAsync(end.Token))
                {
                    await WriteAsync(stream, frame.BytesFor(withKeys), end.Token);
                }

                await stream.FlushAsync(end.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && end.IsCancellationRequested)
        {
            // The watcher left, or the Registry stops: it must not wait for watches, which never end by themselves.
        }
        catch (StoreUnavailableException)
        {
            // The hub tells of it. The watcher comes again and goes on where it was.
        }
    }
}
