using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Store;

namespace Sluice.Registry.Blobs;

/// <summary>Blobs over HTTP: for predictors, by digest, whole or in ranges.</summary>
internal static class BlobEndpoints
{
    /// <summary>Adds the folder of blobs.</summary>
    public static WebApplicationBuilder AddBlobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<BlobOptions>, BlobOptionsRanges>();
        builder.Services.AddSingleton<IValidateOptions<BlobOptions>, BlobOptionsValidator>();
        builder.Services.AddOptions<BlobOptions>().BindConfiguration(BlobOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IBlobStore>(services => new FolderBlobStore(services.GetRequiredService<DataDirectory>().Blobs));
        return builder;
    }

    /// <summary>Maps the blobs.</summary>
    public static void MapBlobs(this IEndpointRouteBuilder app) =>
        app.MapMethods(ApiPaths.Blob, [HttpMethods.Get, HttpMethods.Head], Get).Requires(Scopes.Replica);

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
}
