using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sluice.Registry.Objects;

/// <summary>A bucket of Google Cloud Storage, through its JSON API.</summary>
/// <remarks>An upload session that is never completed makes no object, and Google drops it after a week by itself.</remarks>
internal sealed class GcsObjects : IObjectStore
{
    /// <summary>Bytes that are sent at once; a multiple of 256 KiB, as the API asks.</summary>
    private const int ChunkSize = 16 * 1024 * 1024;

    /// <summary>Questions how far an upload came, without a byte of progress between them.</summary>
    private const int MostStalls = 5;

    private const HttpStatusCode ResumeIncomplete = (HttpStatusCode)308;

    private readonly GcsCalls _calls;
    private readonly Uri _endpoint;
    private readonly string _bucket;
    private readonly string _objects;

    public GcsObjects(GcsOptions options, string bucket, TimeProvider time)
    {
        _bucket = bucket;
        _endpoint = options.Endpoint;
        _objects = $"storage/v1/b/{Uri.EscapeDataString(bucket)}/o";
        _calls = new GcsCalls(options, Name, time);
    }

    public string Name => $"The Cloud Storage bucket {_bucket}";

    public async Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellationToken)
    {
        using var answer = await _calls.SendAsync(() => Get($"{PathOf(key)}?fields=name,size,updated"), cancellationToken, HttpStatusCode.NotFound);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        using var body = await ReadJsonAsync(answer, cancellationToken);
        return InfoOf(body.RootElement);
    }

    public async Task<Stream> OpenAsync(string key, long offset, CancellationToken cancellationToken)
    {
        var answer = await _calls.SendAsync(
            () =>
            {
                var request = Get($"{PathOf(key)}?alt=media");
                request.Headers.Range = new RangeHeaderValue(offset, null);
                return request;
            },
            cancellationToken);
        if (offset > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
        {
            answer.Dispose();
            throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, "ranges are not honoured");
        }

        return await answer.Content.ReadAsStreamAsync(cancellationToken);
    }

    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var session = await BeginUploadAsync(key, content, cancellationToken);
        try
        {
            long sent = 0;
            for (var stalls = 0; stalls < MostStalls;)
            {
                var next = await SendChunkAsync(session, content, sent, cancellationToken);
                if (next is not { } received)
                {
                    return;
                }

                stalls = received > sent ? 0 : stalls + 1;
                sent = received;
            }

            throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, "the upload does not get on");
        }
        catch
        {
            await EndUploadAsync(session);
            throw;
        }
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        using var answer = await _calls.SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, new Uri(_endpoint, PathOf(key))), cancellationToken, HttpStatusCode.NotFound);
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? page = null;
        do
        {
            var query = $"?prefix={Uri.EscapeDataString(prefix)}&fields=items(name,size,updated),nextPageToken{(page is null ? "" : $"&pageToken={Uri.EscapeDataString(page)}")}";
            using var answer = await _calls.SendAsync(() => Get(_objects + query), cancellationToken);
            using var body = await ReadJsonAsync(answer, cancellationToken);
            if (body.RootElement.TryGetProperty("items", out var items))
            {
                foreach (var item in items.EnumerateArray())
                {
                    yield return InfoOf(item);
                }
            }

            page = body.RootElement.TryGetProperty("nextPageToken", out var next) ? next.GetString() : null;
        }
        while (page is not null);
    }

    public Task<int> AbandonUploadsAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) => Task.FromResult(0);

    public void Dispose() => _calls.Dispose();

    // The MD5 is told beforehand: Google makes no object of what arrives otherwise.
    private async Task<Uri> BeginUploadAsync(string key, Stream content, CancellationToken cancellationToken)
    {
#pragma warning disable CA5351 // against damage on the way, not against an attacker
        var md5 = Convert.ToBase64String(await MD5.HashDataAsync(content, cancellationToken));
#pragma warning restore CA5351
        content.Position = 0;
        var path = $"upload/storage/v1/b/{Uri.EscapeDataString(_bucket)}/o?uploadType=resumable&name={Uri.EscapeDataString(key)}";
        using var answer = await _calls.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, new Uri(_endpoint, path)) { Content = JsonContent.Create(new GcsUpload(md5), GcsJson.Default.GcsUpload) },
            cancellationToken);

        // The session is at the API's own address, whatever an answer says: no token goes elsewhere.
        return answer.Headers.Location is { } session && new Uri(_endpoint, session) is var address && address.Authority == _endpoint.Authority
            ? address
            : throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, "an upload session elsewhere");
    }

    // Null when the object is complete, else the bytes that have arrived.
    private async Task<long?> SendChunkAsync(Uri session, Stream content, long sent, CancellationToken cancellationToken)
    {
        var first = true;
        var length = (int)Math.Min(ChunkSize, content.Length - sent);
        using var answer = await _calls.SendAsync(
            () =>
            {
                // Of a chunk that failed it is not known how much arrived: ask that instead of sending it again.
                var request = first ? Chunk(session, content, sent, length) : Question(session, content.Length);
                first = false;
                return request;
            },
            cancellationToken,
            ResumeIncomplete);
        return answer.StatusCode == ResumeIncomplete ? answer.Headers.TryGetValues("Range", out var range) ? EndOf(range) : 0 : null;
    }

    private static HttpRequestMessage Chunk(Uri session, Stream content, long sent, int length)
    {
        content.Position = sent;
        var body = new StreamContent(new WindowStream(content, length));
        body.Headers.ContentLength = length;
        body.Headers.ContentRange = length == 0 ? new ContentRangeHeaderValue(0) : new ContentRangeHeaderValue(sent, sent + length - 1, content.Length);
        return new HttpRequestMessage(HttpMethod.Put, session) { Content = body };
    }

    private static HttpRequestMessage Question(Uri session, long size)
    {
        var body = new ByteArrayContent([]);
        body.Headers.ContentRange = new ContentRangeHeaderValue(size);
        return new HttpRequestMessage(HttpMethod.Put, session) { Content = body };
    }

    private async Task EndUploadAsync(Uri session)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            using var answer = await _calls.SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, session), patience.Token);
        }
        catch (Exception exception) when (exception is ObjectStoreException or OperationCanceledException)
        {
            // It ends by itself.
        }
    }

    private static long EndOf(IEnumerable<string> range) =>
        long.TryParse(range.First().Split('-')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last + 1 : 0;

    private HttpRequestMessage Get(string path) => new(HttpMethod.Get, new Uri(_endpoint, path));

    private string PathOf(string key) => $"{_objects}/{Uri.EscapeDataString(key)}";

    private async Task<JsonDocument> ReadJsonAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        }
        catch (Exception exception) when (exception is JsonException or IOException or HttpRequestException)
        {
            throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, "its answer is no JSON", exception);
        }
    }

    private ObjectInfo InfoOf(JsonElement item) =>
        item.TryGetProperty("name", out var name) && item.TryGetProperty("size", out var size) && item.TryGetProperty("updated", out var updated)
        && long.TryParse(size.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && updated.TryGetDateTimeOffset(out var time)
            ? new ObjectInfo(name.GetString()!, bytes, time)
            : throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, "its answer lacks a field");
}
