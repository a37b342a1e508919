using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Blobs;
using Sluice.Registry.Models;
using Sluice.Registry.Objects;

namespace Sluice.Registry.Sources;

/// <summary>Registers versions whose files lie elsewhere: fetches them, in constant memory, and checks them like an upload.</summary>
internal sealed class SourceRegistration(
    StorageUris uris, IBlobStore blobs, Registration registration, IOptions<SourceOptions> options, TimeProvider time)
{
    /// <summary>Files that are looked at to find a model; a version may have fewer.</summary>
    private const int MostListed = 10_000;

    /// <summary>Registers a version from a storage URI.</summary>
    /// <param name="model">A valid name; the model is made with its first version.</param>
    /// <param name="storageUri">Where the files are.</param>
    /// <param name="metadata">What is told about the version; checked by the caller.</param>
    /// <param name="digest">What the version's digest must be; null for whatever it is.</param>
    /// <param name="caller">Who registers it.</param>
    /// <param name="cancellationToken">Ends it before the record is written; nothing is kept.</param>
    /// <exception cref="BadHttpRequestException">
    /// 400, 422: the URI or what lies there cannot be a version; 503: the place does not answer; 504: it took too long. Nothing is kept.
    /// </exception>
    public async Task<ModelVersion> RegisterFromUriAsync(
        string model, string storageUri, VersionMetadata metadata, string? digest, Caller caller, CancellationToken cancellationToken)
    {
        await using var source = uris.Open(storageUri);
        await using var upload = await FetchAsync(source, storageUri, metadata, cancellationToken);
        var fetched = VersionDigest.Of(upload.Files.Select(file => new ModelFile(file.Path, file.Content.Digest, file.Content.Size)));
        return digest is null || digest == fetched
            ? await registration.RegisterAsync(model, upload, caller, cancellationToken)
            : throw new BadHttpRequestException(
                $"digest: {digest} was expected, what lies at storageUri has {fetched}.", StatusCodes.Status422UnprocessableEntity);
    }

    private async Task<VersionUpload> FetchAsync(ISourceFolder source, string storageUri, VersionMetadata metadata, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Value.TimeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var files = await FindFilesAsync(source, both.Token);
            var opened = files.Select(file => (file.Path, Open(source, file)));
            return await VersionUpload.FromFilesAsync(storageUri, opened, metadata, blobs, both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException(
                $"storageUri: fetching took longer than {options.Value.TimeLimit} (Registry:Sources:TimeLimit) and was broken off.", StatusCodes.Status504GatewayTimeout);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status400BadRequest)
        {
            // What would be a mistake in a request is here one of what lies there.
            throw new BadHttpRequestException($"storageUri: what lies there is not accepted: {exception.Message}", StatusCodes.Status422UnprocessableEntity, exception);
        }
        catch (ObjectStoreException exception)
        {
            var status = exception.Fault is ObjectStoreFault.Denied or ObjectStoreFault.Missing
                ? StatusCodes.Status422UnprocessableEntity
                : StatusCodes.Status503ServiceUnavailable;
            throw new BadHttpRequestException($"storageUri: {exception.Message}", status, exception);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            throw new BadHttpRequestException("storageUri: a file could not be read to its end; try again.", StatusCodes.Status503ServiceUnavailable, exception);
        }
    }

    private async Task<List<SourceFile>> FindFilesAsync(ISourceFolder source, CancellationToken cancellationToken)
    {
        var listed = await source.ListAsync(cancellationToken).Take(MostListed + 1).ToListAsync(cancellationToken);
        if (listed.Count > MostListed)
        {
            throw Unprocessable($"more than {MostListed} files lie there; name the model's own folder");
        }

        var (folder, problem) = SourceLayout.Find([.. listed.Select(file => file.Path)]);
        if (folder is null)
        {
            throw Unprocessable(problem!);
        }

        var files = listed.FindAll(file => file.Path.StartsWith(folder, StringComparison.Ordinal))
            .ConvertAll(file => file with { Path = file.Path[folder.Length..] });
        var size = files.Sum(file => (decimal)file.Size);
        return size <= options.Value.MaxBytes
            ? files
            : throw Unprocessable($"the files have {size} bytes, at most {options.Value.MaxBytes} are fetched (Registry:Sources:MaxBytes)");
    }

    private static Func<CancellationToken, Task<Stream>> Open(ISourceFolder source, SourceFile file) =>
        async cancellationToken => new SizedStream(await source.OpenAsync(file, cancellationToken), file);

    private static BadHttpRequestException Unprocessable(string reason) => new($"storageUri: {reason}.", StatusCodes.Status422UnprocessableEntity);
}
