using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Sluice.Registry.Objects;

/// <summary>A bucket of Amazon S3, or of a store that speaks its protocol.</summary>
/// <remarks>
/// Every body is sent with its SHA-256 in the signature (no chunked signing, no trailing checksums), which is what all such stores understand and
/// check.
/// </remarks>
internal sealed class S3Objects : IObjectStore
{
    /// <summary>Larger ones go in parts, which must have 5 MiB at least and of which there may be 10,000.</summary>
    private const long SmallestPart = 16 * 1024 * 1024;

    private const int MostParts = 10_000;

    private readonly AmazonS3Client _client;
    private readonly string _bucket;

    public S3Objects(S3Options options, string bucket)
    {
        _bucket = bucket;
        var config = new AmazonS3Config
        {
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle ?? options.Endpoint is not null,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 3,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            Timeout = TimeSpan.FromMinutes(2), // of one part's upload, or of the wait for an answer's headers
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        _client = options.AccessKey is { Length: > 0 } key
            ? new AmazonS3Client(new BasicAWSCredentials(key, options.SecretKey), config)
            : new AmazonS3Client(config);
    }

    public string Name => $"The S3 bucket {_bucket}";

    public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellationToken) => TryAsync<ObjectInfo?>(async () =>
    {
        try
        {
            var found = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _bucket, Key = key }, cancellationToken);
            return new ObjectInfo(key, found.ContentLength, TimeOf(found.LastModified));
        }
        catch (AmazonS3Exception exception) when ((int)exception.StatusCode == StatusCodes.Status404NotFound && exception.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    });

    public Task<Stream> OpenAsync(string key, long offset, CancellationToken cancellationToken) => TryAsync<Stream>(async () =>
    {
        var request = new GetObjectRequest { BucketName = _bucket, Key = key, ByteRange = new ByteRange($"bytes={offset}-") };
        var answer = await _client.GetObjectAsync(request, cancellationToken);
        return answer.ResponseStream;
    });

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => content.Length <= SmallestPart
        ? TryAsync(() => _client.PutObjectAsync(
            new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = content, AutoCloseStream = false, UseChunkEncoding = false }, cancellationToken))
        : TryAsync(() => PutPartsAsync(key, content, cancellationToken));

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        TryAsync(() => _client.DeleteObjectAsync(_bucket, key, cancellationToken));

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = prefix };
        do
        {
            var page = await TryAsync(() => _client.ListObjectsV2Async(request, cancellationToken));
            foreach (var found in page.S3Objects ?? [])
            {
                yield return new ObjectInfo(found.Key, found.Size ?? 0, TimeOf(found.LastModified));
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is { Length: > 0 });
    }

    public Task<int> AbandonUploadsAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        var request = new ListMultipartUploadsRequest { BucketName = _bucket, Prefix = prefix };
        var uploads = (await _client.ListMultipartUploadsAsync(request, cancellationToken)).MultipartUploads ?? []; // the first thousand; others at the next time
        var old = uploads.FindAll(upload => upload.Initiated is { } begun && TimeOf(begun) < before);
        foreach (var upload in old)
        {
            await _client.AbortMultipartUploadAsync(_bucket, upload.Key, upload.UploadId, cancellationToken);
        }

        return old.Count;
    });

    public void Dispose() => _client.Dispose();

    private async Task<CompleteMultipartUploadResponse> PutPartsAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var begun = await _client.InitiateMultipartUploadAsync(_bucket, key, cancellationToken);
        try
        {
            var parts = await SendPartsAsync(key, begun.UploadId, content, cancellationToken);
            var complete = new CompleteMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = begun.UploadId, PartETags = parts };
            return await _client.CompleteMultipartUploadAsync(complete, cancellationToken);
        }
        catch
        {
            await AbortAsync(key, begun.UploadId);
            throw;
        }
    }

    private async Task<List<PartETag>> SendPartsAsync(string key, string uploadId, Stream content, CancellationToken cancellationToken)
    {
        var size = Math.Max(SmallestPart, (content.Length + MostParts - 1) / MostParts);
        var parts = new List<PartETag>();
        for (long sent = 0; sent < content.Length; sent += size)
        {
            content.Position = sent;
            var part = await _client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = _bucket,
                    Key = key,
                    UploadId = uploadId,
                    PartNumber = parts.Count + 1,
                    InputStream = content,
                    PartSize = Math.Min(size, content.Length - sent),
                    IsLastPart = sent + size >= content.Length,
                    UseChunkEncoding = false,
                },
                cancellationToken);
            parts.Add(new PartETag(part.PartNumber ?? (parts.Count + 1), part.ETag));
        }

        return parts;
    }

    // Even when the caller left. What cannot be reached now is abandoned later, by AbandonUploadsAsync.
    private async Task AbortAsync(string key, string uploadId)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _client.AbortMultipartUploadAsync(_bucket, key, uploadId, patience.Token);
        }
        catch (Exception exception) when (IsFault(exception) || exception is OperationCanceledException)
        {
        }
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonServiceException exception) when (exception.StatusCode != 0)
        {
            var fault = exception.ErrorCode is "QuotaExceeded" or "XMinioStorageFull" ? ObjectStoreFault.Full : ObjectStoreException.FaultOf((int)exception.StatusCode);
            throw ObjectStoreException.Of(Name, fault, exception.ErrorCode, exception);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw ObjectStoreException.Of(Name, ObjectStoreFault.Unavailable, null, exception);
        }
    }

    private static bool IsFault(Exception exception) => exception is AmazonServiceException or AmazonClientException or HttpRequestException or IOException;

    private static DateTimeOffset TimeOf(DateTime? time) => time is { } known ? new DateTimeOffset(known.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.UtcNow;
}
