using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.Registry.Tests.Objects;

/// <summary>
/// A small object storage on 127.0.0.1 that keeps everything in memory: one bucket, <see cref="Bucket"/>. What is common to the three protocols is here: the
/// objects, the uploads under way, and the faults a test orders.
/// </summary>
internal abstract class ObjectServer : IAsyncDisposable
{
    public const string Bucket = "models";

    /// <summary>A list's page; small, so that lists have several.</summary>
    protected const int PageSize = 10;

    private readonly ConcurrentQueue<Fault> _faults = new();
    private readonly WebApplication _app;
    private volatile string? _cut;
    private byte _received;

    protected ObjectServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        _app.StartAsync().GetAwaiter().GetResult();
        Address = new Uri(_app.Urls.Single());
    }

    public Uri Address { get; }

    /// <summary>What is there.</summary>
    public ConcurrentDictionary<string, StoredObject> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Uploads that were begun and are not complete, by their id.</summary>
    public ConcurrentDictionary<string, PartialObject> Uploads { get; } = new(StringComparer.Ordinal);

    /// <summary>Requests so far, as <c>METHOD path?query</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Orders a fault of the next requests of a method.</summary>
    public void Order(string method, FaultKind kind, int times = 1, int afterBytes = 0)
    {
        for (var i = 0; i < times; i++)
        {
            _faults.Enqueue(new Fault(method, kind, afterBytes));
        }
    }

    /// <summary>Cuts every answer with the content of an object at the same byte, wherever it begins, until the order is disposed.</summary>
    public IDisposable CutAlways(string key)
    {
        _cut = key;
        return new EndOfCuts(this);
    }

    /// <summary>Orders no more faults.</summary>
    public void Heal() => _faults.Clear();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Answers one request of the protocol.</summary>
    protected abstract Task HandleAsync(HttpContext context);

    /// <summary>Whether faults pass a path by.</summary>
    protected virtual bool IsQuiet(string path) => false;

    /// <summary>Answers in the protocol's own way that something is wrong.</summary>
    protected abstract Task RefuseAsync(HttpContext context, int status, string code);

    /// <summary>The body of a request, as it arrived.</summary>
    protected async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var content = body.ToArray();
        if (context.Items["fault"] is Fault { Kind: FaultKind.Damage } && content.Length > 0)
        {
            content[content.Length / 2] ^= ++_received;
        }

        return content;
    }

    /// <summary>Sends an object, or the range that was asked for.</summary>
    protected async Task SendAsync(HttpContext context, StoredObject stored, string? range)
    {
        var from = range is null ? 0 : int.Parse(range["bytes=".Length..].Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
        if (from > 0 && from >= stored.Content.Length)
        {
            await RefuseAsync(context, 416, "InvalidRange");
            return;
        }

        context.Response.StatusCode = range is null || stored.Content.Length == 0 ? 200 : 206;
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = stored.Content.Length - from;
        context.Response.Headers.ETag = $"\"{stored.ModifiedAt.Ticks:x}\"";
        context.Response.Headers.LastModified = stored.ModifiedAt.ToString("R");
        if (context.Response.StatusCode == 206)
        {
            context.Response.Headers.ContentRange = $"bytes {from}-{stored.Content.Length - 1}/{stored.Content.Length}";
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (context.Items["fault"] is Fault { Kind: FaultKind.CutAnswer } cut)
        {
            var bytes = cut.IsWall ? Math.Max(0, cut.AfterBytes - from) : cut.AfterBytes;
            await context.Response.Body.WriteAsync(stored.Content.AsMemory(from, Math.Min(bytes, stored.Content.Length - from)));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(stored.Content.AsMemory(from));
    }

    /// <summary>The next page of a list, and the key it ended at when there are more.</summary>
    protected (List<KeyValuePair<string, StoredObject>> Page, string? Next) List(string prefix, string? after)
    {
        var found = Objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(pair.Key, after ?? "") > 0)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).Take(PageSize + 1).ToList();
        return found.Count > PageSize ? (found[..PageSize], found[PageSize - 1].Key) : (found, null);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        if (!IsQuiet(request.Path.Value!) && _faults.TryPeek(out var fault) && (fault.Method == "*" || fault.Method == request.Method) && _faults.TryDequeue(out fault))
        {
            context.Items["fault"] = fault;
            switch (fault.Kind)
            {
                case FaultKind.Unavailable:
                    await RefuseAsync(context, 503, "ServiceUnavailable");
                    return;
                case FaultKind.Full:
                    await RefuseAsync(context, 507, "QuotaExceeded");
                    return;
                case FaultKind.Cut:
                    await request.Body.ReadAtLeastAsync(new byte[1000], 1000, throwOnEndOfStream: false);
                    context.Abort();
                    return;
            }
        }

        if (_cut is { } key && HttpMethods.IsGet(request.Method) && request.Path.Value!.EndsWith(key, StringComparison.Ordinal))
        {
            context.Items["fault"] = new Fault("GET", FaultKind.CutAnswer, 10_000, IsWall: true);
        }

        await HandleAsync(context);
    }

    private sealed class EndOfCuts(ObjectServer server) : IDisposable
    {
        public void Dispose() => server._cut = null;
    }

    // A wall stands at that byte of the object: who asks again for the rest gets no further, while otherwise each answer brings some more.
    private sealed record Fault(string Method, FaultKind Kind, int AfterBytes, bool IsWall = false);
}

/// <summary>What goes wrong.</summary>
internal enum FaultKind
{
    /// <summary>503.</summary>
    Unavailable,

    /// <summary>507.</summary>
    Full,

    /// <summary>The connection is cut while the request comes in.</summary>
    Cut,

    /// <summary>The connection is cut while the answer goes out.</summary>
    CutAnswer,

    /// <summary>A bit of the request's body is another one on arrival.</summary>
    Damage,
}

/// <summary>An object.</summary>
internal sealed record StoredObject(byte[] Content, DateTimeOffset ModifiedAt)
{
    public static StoredObject Of(byte[] content) => new(content, DateTimeOffset.UtcNow);
}

/// <summary>An upload under way: its parts by number or name.</summary>
internal sealed record PartialObject(string Key, DateTimeOffset BegunAt)
{
    public ConcurrentDictionary<string, byte[]> Parts { get; } = new(StringComparer.Ordinal);
}
