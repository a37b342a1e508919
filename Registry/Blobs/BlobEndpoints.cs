using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Blobs;

/// <summary>Blobs over HTTP: for predictors, by digest, whole or in ranges.</summary>
internal static class BlobEndpoints
{
    /// <summary>Maps the blobs.</summary>
    public static void MapBlobs(this IEndpointRouteBuilder app)
    {
        app.MapMethods(ApiPaths.Blob, [HttpMethods.Get, HttpMethods.Head], Get).Requires(Scopes.Replica);
        app.MapGet(ApiPaths.BlobUsage, GetUsage).Requires(Scopes.Admin);
        app.MapPost(ApiPaths.CollectBlobs, Collect).Requires(Scopes.Admin);
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> Get(
        string digest, IBlobStore blobs, HttpResponse response, CancellationToken cancellationToken)
    {
        if (!VersionDigest.IsValid(digest))
        {
            return Problems.Invalid("digest", $"'{digest}' is none: sha256: and 64 lower-case hex digits are expected");
        }

        if (await blobs.OpenAsync(digest, cancellationToken) is not { } blob)
        {
            return Problems.NotFound($"There is no blob {digest}.");
        }

        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return TypedResults.Stream(blob, "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{digest}\""), enableRangeProcessing: true);
    }

    private static async Task<JsonHttpResult<BlobUsage>> GetUsage(BlobCollector collector, CancellationToken cancellationToken) =>
        TypedResults.Json(await collector.MeasureAsync(cancellationToken), ContractsJson.Default.BlobUsage);

    private static async Task<Results<JsonHttpResult<BlobCollection>, ProblemHttpResult>> Collect(
        string? dryRun, BlobCollector collector, HttpContext context, CancellationToken cancellationToken)
    {
        if (!bool.TryParse(dryRun ?? "false", out var onlyLook))
        {
            return Problems.Invalid("dryRun", $"'{dryRun}' is neither true nor false");
        }

        return await collector.CollectAsync(context.Caller(), onlyLook, cancellationToken) is { } done
            ? TypedResults.Json(done, ContractsJson.Default.BlobCollection)
            : Problems.Refused(StatusCodes.Status409Conflict, "Another collection of blobs is going on; ask again when it has ended.");
    }
}
