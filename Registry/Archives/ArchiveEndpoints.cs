using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Blobs;
using Sluice.Registry.Http;
using Sluice.Registry.Models;
using Sluice.Registry.Store;

namespace Sluice.Registry.Archives;

/// <summary>Models as archives over HTTP.</summary>
internal static class ArchiveEndpoints
{
    /// <summary>Adds export and import.</summary>
    public static WebApplicationBuilder AddArchives(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ArchiveOptions>, ArchiveOptionsValidator>();
        builder.Services.AddOptions<ArchiveOptions>().BindConfiguration(ArchiveOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<ModelImport>();
        return builder;
    }

    /// <summary>Maps export and import.</summary>
    public static void MapArchives(this IEndpointRouteBuilder app)
    {
        app.MapGroup("").CheckRoute().MapGet(ApiPaths.Export, Export).Requires(Scopes.Register);
        app.MapPost(ApiPaths.Import, Import).Requires(Scopes.Register).WithMetadata(new DisableRequestSizeLimitAttribute()); // models have many gigabytes
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> Export(
        string model, string? gzip, HttpContext context, IStore store, IBlobStore blobs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!bool.TryParse(gzip ?? "false", out var isCompressed))
        {
            return Problems.Invalid("gzip", $"'{gzip}' is neither true nor false");
        }

        if (await ReadAsync(model, store, time, cancellationToken) is not { } manifest)
        {
            return Problems.NoModel(model);
        }

        // Looked for while an answer can still say that one is missing: later the connection can only be cut.
        foreach (var blob in manifest.Blobs)
        {
            if (await blobs.FindAsync(blob.Digest, cancellationToken) is null)
            {
                throw new BlobStoreException(BlobStoreFault.Unavailable, $"The blob {blob.Digest} of {model} is not in the blob store: bring it back from a copy.");
            }
        }

        context.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = $"{model}.tar{(isCompressed ? ".gz" : "")}" }.ToString();
        return TypedResults.Stream(
            body => ArchiveWriter.WriteAsync(manifest, blobs, body, isCompressed, context.RequestAborted), isCompressed ? "application/gzip" : "application/x-tar");
    }

    private static async Task<Results<JsonHttpResult<ImportedModel>, ProblemHttpResult>> Import(
        HttpContext context, ModelImport import, IOptions<ArchiveOptions> options, CancellationToken cancellationToken)
    {
        var name = context.Request.Query["as"];
        if (name.Count > 1 || (name.Count == 1 && !ModelName.IsValid(name)))
        {
            return Problems.Invalid("as", $"'{name}' is not a model's name: {ModelName.Rule} are expected");
        }

        await using var archive = await ArchiveReader.OpenAsync(context.Request.Body, options.Value.MaxBytes, cancellationToken);
        var imported = await import.ImportAsync(archive, name.FirstOrDefault(), context.Caller(), cancellationToken);
        context.Response.Headers.Location = $"{ApiPaths.Models}/{Uri.EscapeDataString(imported.Name)}";
        return TypedResults.Json(imported, ContractsJson.Default.ImportedModel, statusCode: StatusCodes.Status201Created);
    }

    // The versions first: an alias that is set meanwhile may name one that is not among them, and is left out.
    private static async Task<ArchiveManifest?> ReadAsync(string model, IStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var listing = await store.ListAsync(StoreKeys.Versions(model), cancellationToken);
        if (await store.GetAsync(StoreKeys.Model(model), cancellationToken) is not { } entry)
        {
            return null;
        }

        var versions = listing.Entries.Select(ModelCatalog.ReadVersion).OrderBy(version => version.Version).ToList();
        var record = ModelCatalog.ReadModel(entry);
        return new ArchiveManifest
        {
            Format = ArchiveManifest.FormatName,
            FormatVersion = ArchiveManifest.CurrentVersion,
            ExportedAt = time.GetUtcNow(),
            Model = record with
            {
                Aliases = record.Aliases.Where(alias => versions.Exists(version => version.Version == alias.Value)).ToDictionary(StringComparer.Ordinal),
            },
            Versions = versions,
        };
    }
}
