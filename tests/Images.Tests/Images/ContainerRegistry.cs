using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.Images.Tests.Images;

/// <summary>
/// A small container registry on 127.0.0.1: the pull and push of the OCI distribution specification, in memory and without credentials. It holds the
/// base images of the tests and takes what they push.
/// </summary>
internal sealed partial class ContainerRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _uploads = [];

    private ContainerRegistry()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Its blobs and manifests.</summary>
    public ImageBlobs Blobs { get; } = new();

    /// <summary>Host and port, as they stand in an image's name.</summary>
    public string Host => new Uri(_app.Urls.Single()).Authority;

    /// <summary>Starts one.</summary>
    public static async Task<ContainerRegistry> StartAsync()
    {
        var registry = new ContainerRegistry();
        await registry._app.StartAsync();
        return registry;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var read = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        return (ManifestPath().Match(path), UploadPath().Match(path), BlobPath().Match(path)) switch
        {
            ({ Success: true } manifest, _, _) when read => SendManifestAsync(context, manifest),
            ({ Success: true } manifest, _, _) => TakeManifestAsync(context, manifest),
            (_, { Success: true } upload, _) => TakeUploadAsync(context, upload),
            (_, _, { Success: true } blob) when read => SendAsync(context, Blobs.Find(blob.Groups["digest"].Value), "application/octet-stream"),
            _ => StatusAsync(context, path == "/v2/" ? StatusCodes.Status200OK : StatusCodes.Status404NotFound),
        };
    }

    private Task SendManifestAsync(HttpContext context, Match path)
    {
        var manifest = Blobs.FindManifest(path.Groups["name"].Value, path.Groups["reference"].Value);
        if (manifest is not null)
        {
            context.Response.Headers["Docker-Content-Digest"] = ImageBlobs.DigestOf(manifest.Json);
        }

        return SendAsync(context, manifest?.Json, manifest?.MediaType);
    }

    private async Task TakeManifestAsync(HttpContext context, Match path)
    {
        var manifest = new ImageManifest(context.Request.ContentType!, await ReadAsync(context));
        context.Response.Headers["Docker-Content-Digest"] = Blobs.AddManifest(path.Groups["name"].Value, path.Groups["reference"].Value, manifest);
        context.Response.StatusCode = StatusCodes.Status201Created;
    }

    // POST opens an upload, PATCH adds to it, PUT adds the rest and ends it with the digest.
    private async Task TakeUploadAsync(HttpContext context, Match path)
    {
        var id = path.Groups["id"].Value is { Length: > 0 } known ? known : Guid.NewGuid().ToString("N");
        byte[] bytes = [.. _uploads.GetValueOrDefault(id, []), .. await ReadAsync(context)];
        if (context.Request.Query["digest"].FirstOrDefault() is { } digest)
        {
            _uploads.TryRemove(id, out _);
            context.Response.StatusCode = Blobs.Add(bytes) == digest ? StatusCodes.Status201Created : StatusCodes.Status400BadRequest;
            return;
        }

        _uploads[id] = bytes;
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/v2/{path.Groups["name"].Value}/blobs/uploads/{id}";
        context.Response.Headers.Range = $"0-{Math.Max(bytes.Length - 1, 0)}";
    }

    private static async Task SendAsync(HttpContext context, byte[]? content, string? mediaType)
    {
        if (content is null)
        {
            await StatusAsync(context, StatusCodes.Status404NotFound);
            return;
        }

        (context.Response.ContentType, context.Response.ContentLength) = (mediaType, content.Length);
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        }
    }

    private static Task StatusAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    [GeneratedRegex("^/v2/(?<name>.+)/manifests/(?<reference>[^/]+)$")]
    private static partial Regex ManifestPath();

    [GeneratedRegex("^/v2/(?<name>.+)/blobs/uploads/(?<id>[^/]*)$")]
    private static partial Regex UploadPath();

    [GeneratedRegex("^/v2/.+/blobs/(?<digest>sha256:[0-9a-f]{64})$")]
    private static partial Regex BlobPath();
}
