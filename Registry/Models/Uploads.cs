using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>
/// The uploads whose senders want to see how far they are: those with the header <see cref="SluiceHeaders.UploadId"/>. Kept in memory by the Registry that
/// takes the upload in, for a while after its end; an upload itself does not depend on it.
/// </summary>
internal sealed class Uploads(TimeProvider time)
{
    private const int Most = 1000;

    private static readonly TimeSpan KeepEnded = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan KeepSilent = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, UploadTracker> _uploads = new(StringComparer.Ordinal);

    /// <summary>Maps the question.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(ApiPaths.Upload, Get).Requires(Scopes.Register);

    /// <summary>Begins to follow an upload, and counts its body.</summary>
    /// <returns>Null when its sender did not announce it, or too many are followed already.</returns>
    /// <exception cref="BadHttpRequestException">400: the name is not as expected; 409: an upload of this name is under way.</exception>
    public UploadTracker? Begin(string model, HttpRequest request)
    {
        if (request.Headers[SluiceHeaders.UploadId] is not [{ } id])
        {
            return null;
        }

        if (!ModelName.IsValid(id))
        {
            throw new BadHttpRequestException($"{SluiceHeaders.UploadId}: '{id}' is no name for an upload: {ModelName.Rule} are expected.");
        }

        Forget();
        var tracker = new UploadTracker(id, model, request.ContentLength, time);
        while (!_uploads.TryAdd(id, tracker))
        {
            if (_uploads.TryGetValue(id, out var other) && !other.IsOver)
            {
                throw new BadHttpRequestException($"{SluiceHeaders.UploadId}: an upload named {id} is under way.", StatusCodes.Status409Conflict);
            }

            _uploads.TryRemove(id, out _);
        }

        if (_uploads.Count > Most)
        {
            _uploads.TryRemove(id, out _);
            return null;
        }

        request.Body = tracker.Count(request.Body);
        return tracker;
    }

    /// <summary>How far an upload is; null when it is not known, or not any more.</summary>
    public UploadProgress? Find(string id)
    {
        Forget();
        return _uploads.GetValueOrDefault(id)?.Progress;
    }

    private static Results<JsonHttpResult<UploadProgress>, ProblemHttpResult> Get(string id, HttpContext context, Uploads uploads) =>
        uploads.Find(id) is { } progress && context.Caller().Covers(progress.Model)
            ? TypedResults.Json(progress, ContractsJson.Default.UploadProgress)
            : Problems.NotFound($"There is no upload {id}: it was announced with {SluiceHeaders.UploadId} to another Registry, or not at all, or ended more than {KeepEnded.TotalMinutes:0} minutes ago.");

    private void Forget()
    {
        foreach (var (id, upload) in _uploads)
        {
            if (upload.Silence > (upload.IsOver ? KeepEnded : KeepSilent))
            {
                _uploads.TryRemove(id, out _);
            }
        }
    }
}
