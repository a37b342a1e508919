using System.Runtime.CompilerServices;
using Azure;
using Azure.Core;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Sluice.Registry.Objects;

/// <summary>A container of Azure Blob Storage.</summary>
/// <remarks>Blocks that were sent and never committed are no blob, and Azure drops them after a week by itself.</remarks>
internal sealed class AzureObjects : IObjectStore
{
    private const int BlockSize = 16 * 1024 * 1024;

    private readonly BlobContainerClient _container;
    private readonly string _name;

    public AzureObjects(AzureOptions options, string container)
    {
        _name = container;
        var clientOptions = new BlobClientOptions();
        clientOptions.Retry.MaxRetries = 4;
        clientOptions.Retry.Mode = RetryMode.Exponential;
        clientOptions.Retry.Delay = TimeSpan.FromMilliseconds(200);
        clientOptions.Retry.NetworkTimeout = TimeSpan.FromMinutes(2);
        clientOptions.Diagnostics.IsLoggingEnabled = false; // its lines hold addresses, and those the signature
        var address = new UriBuilder(options.Endpoint!);
        address.Path = $"{address.Path.TrimEnd('/')}/{container}";
        _container = options.AccountKey is { Length: > 0 } key
            ? new BlobContainerClient(address.Uri, new StorageSharedKeyCredential(options.AccountName, key), clientOptions)
            : new BlobContainerClient(address.Uri, new AzureSasCredential(options.SasToken!), clientOptions);
    }

    public string Name => $"The Azure container {_name}";

    public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellationToken) => TryAsync<ObjectInfo?>(async () =>
    {
        try
        {
            var found = (await _container.GetBlobClient(key).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            return new ObjectInfo(key, found.ContentLength, found.LastModified);
        }
        catch (RequestFailedException exception) when (exception.Status == StatusCodes.Status404NotFound && exception.ErrorCode != "ContainerNotFound")
        {
            return null;
        }
    });

    public Task<Stream> OpenAsync(string key, long offset, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        var options = new BlobDownloadOptions { Range = new HttpRange(offset) };
        return (await _container.GetBlobClient(key).DownloadStreamingAsync(options, cancellationToken)).Value.Content;
    });

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => TryAsync(() => _container.GetBlockBlobClient(key).UploadAsync(
        content,
        new BlobUploadOptions
        {
            // One block at a time; each with its MD5, which Azure checks.
            TransferOptions = new StorageTransferOptions { InitialTransferSize = BlockSize, MaximumTransferSize = BlockSize, MaximumConcurrency = 1 },
            TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
        },
        cancellationToken));

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        TryAsync(() => _container.GetBlobClient(key).DeleteIfExistsAsync(cancellationToken: cancellationToken));

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var blobs = _container.GetBlobsAsync(prefix: prefix, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await TryAsync(async () => await blobs.MoveNextAsync()))
        {
            var found = blobs.Current;
            yield return new ObjectInfo(found.Name, found.Properties.ContentLength ?? 0, found.Properties.LastModified ?? DateTimeOffset.UtcNow);
        }
    }

    public Task<int> AbandonUploadsAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) => Task.FromResult(0);

    public void Dispose()
    {
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException exception)
        {
            var fault = exception.ErrorCode is "InsufficientAccountPermissions" ? ObjectStoreFault.Denied : ObjectStoreException.FaultOf(exception.Status);
            throw ObjectStoreException.Of(Name, fault, exception.ErrorCode, exception);
        }
        catch (AggregateException exception) // what it throws when its retries are used up
        {
            throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, null, exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, null, exception);
        }
    }
}
