using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Sluice.Registry.Blobs;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>A file that was taken in, and its place in the artifact.</summary>
internal sealed record UploadedFile(string Path, IStagedBlob Content);

/// <summary>
/// An upload as it streams in: one file as <c>application/octet-stream</c>, or <c>multipart/form-data</c> with an optional first part
/// <c>metadata</c> and then parts <c>files</c>, whose file names are paths within the artifact. Memory does not grow with its size. Disposing it
/// leaves nothing of what was not committed.
/// </summary>
internal sealed class VersionUpload : IAsyncDisposable
{
    private const int MostFiles = 1000;
    private const int LongestMetadata = GoldenVectors.LargestFile + (256 * 1024);
    private const int LongestBoundary = 200;

    private readonly IBlobStore _blobs;
    private readonly List<UploadedFile> _files = [];

    // A file and a folder of one name, or names that differ only in case, could not lie side by side on every system.
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _folders = new(StringComparer.OrdinalIgnoreCase);

    private VersionUpload(IBlobStore blobs) => _blobs = blobs;

    /// <summary>The files, in the order they came.</summary>
    public IReadOnlyList<UploadedFile> Files => _files;

    /// <summary>What was told about the version.</summary>
    public VersionMetadata Metadata { get; private set; } = new();

    /// <summary>Where its progress is told; null when nobody wants to know.</summary>
    public UploadTracker? Progress { get; private init; }

    /// <summary>Where the files were fetched from; null when they were uploaded.</summary>
    public string? StorageUri { get; private init; }

    /// <summary>Reads an upload to its end.</summary>
    /// <exception cref="BadHttpRequestException">The request is not as expected (400, 415); nothing is kept.</exception>
    public static async Task<VersionUpload> ReadAsync(
        HttpRequest request, IBlobStore blobs, UploadTracker? progress, CancellationToken cancellationToken)
    {
        var upload = new VersionUpload(blobs) { Progress = progress };
        try
        {
            await upload.ReadAsync(request, cancellationToken);
            return upload;
        }
        catch
        {
            await upload.DisposeAsync();
            throw;
        }
    }

    /// <summary>An upload of one file that lies on this machine.</summary>
    public static async Task<VersionUpload> FromFileAsync(
        string path, VersionMetadata metadata, IBlobStore blobs, CancellationToken cancellationToken)
    {
        var upload = new VersionUpload(blobs) { Metadata = metadata };
        await using var file = File.OpenRead(path);
        await upload.TakeFileAsync(Path.GetFileName(path), file, digestHeader: default, cancellationToken);
        return upload;
    }

    /// <summary>An upload of files that lie elsewhere.</summary>
    /// <param name="storageUri">Where.</param>
    /// <param name="files">Their places in the artifact, and their contents.</param>
    /// <param name="metadata">What is told about the version.</param>
    /// <param name="blobs">Takes them in.</param>
    /// <param name="cancellationToken">Ends it; nothing is kept.</param>
    /// <exception cref="BadHttpRequestException">A path or the number of files is not accepted; nothing is kept.</exception>
    public static async Task<VersionUpload> FromFilesAsync(
        string storageUri,
        IEnumerable<(string Path, Func<CancellationToken, Task<Stream>> OpenAsync)> files,
        VersionMetadata metadata,
        IBlobStore blobs,
        CancellationToken cancellationToken)
    {
        var upload = new VersionUpload(blobs) { Metadata = metadata, StorageUri = storageUri };
        try
        {
            foreach (var (path, openAsync) in files)
            {
                await using var content = await openAsync(cancellationToken);
                await upload.TakeFileAsync(path, content, digestHeader: default, cancellationToken);
            }

            return upload;
        }
        catch
        {
            await upload.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var file in _files)
        {
            await file.Content.DisposeAsync();
        }
    }

    private async Task ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var media = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed : null;
        if (media?.MatchesMediaType("application/octet-stream") == true)
        {
            await TakeFileAsync("model.onnx", request.Body, request.Headers[ContentDigest.Header], cancellationToken);
        }
        else if (media?.MatchesMediaType("multipart/form-data") == true)
        {
            await ReadPartsAsync(new MultipartReader(BoundaryOf(media), request.Body), cancellationToken);
        }
        else
        {
            throw new BadHttpRequestException(
                $"Content-Type: '{request.ContentType}' is not supported; expected application/octet-stream (the body is model.onnx), multipart/form-data with parts named files, or application/json with a storageUri.",
                StatusCodes.Status415UnsupportedMediaType);
        }
    }

    private async Task ReadPartsAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            for (var number = 1; await reader.ReadNextSectionAsync(cancellationToken) is { } part; number++)
            {
                await ReadPartAsync(part, number, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException and not BadHttpRequestException || exception is InvalidDataException)
        {
            // The reader's own words: an unexpected end, headers that are too long. A disk that is full is another exception.
            throw new BadHttpRequestException($"The multipart body could not be read to its end: {exception.Message}", exception);
        }

        if (_files.Count == 0)
        {
            throw new BadHttpRequestException("files: missing; at least one part named files with a file name is expected.");
        }
    }

    private async Task ReadPartAsync(MultipartSection part, int number, CancellationToken cancellationToken)
    {
        var disposition = part.GetContentDispositionHeader();
        var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).ToString();
        switch (name)
        {
            case "metadata" when number == 1:
                await ReadMetadataAsync(part.Body, cancellationToken);
                break;
            case "metadata":
                throw new BadHttpRequestException("metadata: expected as the first part, once.");
            case "files":
                var header = disposition!.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
                var digest = part.Headers?.TryGetValue(ContentDigest.Header, out var value) == true ? value : default;
                await TakeFileAsync(HeaderUtilities.RemoveQuotes(header).ToString(), part.Body, digest, cancellationToken);
                break;
            default:
                throw new BadHttpRequestException($"Part {number} is named '{name}'; expected metadata (first, optional) and files.");
        }
    }

    private async Task ReadMetadataAsync(Stream body, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            text.Write(buffer, 0, read);
            if (text.Length > LongestMetadata)
            {
                throw new BadHttpRequestException($"metadata: longer than {LongestMetadata} bytes.");
            }
        }

        var metadata = JsonBody.Parse(text.ToArray(), ModelRequestsJson.Default.VersionMetadata, "metadata", VersionMetadata.Form);
        if (metadata.FindProblem() is { } problem)
        {
            throw new BadHttpRequestException($"metadata: {problem.Field}: {problem.Expectation}.");
        }

        Metadata = metadata;
    }

    private async Task TakeFileAsync(string path, Stream content, StringValues digestHeader, CancellationToken cancellationToken)
    {
        if (ArtifactPath.FindProblem(path) is { } problem)
        {
            throw new BadHttpRequestException($"files: '{path}': {problem}.");
        }

        if (_files.Count == MostFiles)
        {
            throw new BadHttpRequestException($"files: more than {MostFiles}.");
        }

        Claim(path);
        Progress?.BeginFile(path);
        var expected = ContentDigest.Parse(digestHeader);
        var staged = await _blobs.StageAsync(content, cancellationToken);
        _files.Add(new UploadedFile(path, staged));
        if (expected is not null && expected != staged.Digest)
        {
            throw new BadHttpRequestException($"{ContentDigest.Header}: {path} was announced as {expected} and arrived as {staged.Digest}.");
        }
    }

    private void Claim(string path)
    {
        var clash = !_names.Add(path) || _folders.Contains(path);
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0 && !clash; slash = path.IndexOf('/', slash + 1))
        {
            _folders.Add(path[..slash]);
            clash = _names.Contains(path[..slash]);
        }

        if (clash)
        {
            throw new BadHttpRequestException($"files: '{path}' comes twice, differs from another path only in case, or is a file and a folder.");
        }
    }

    private static string BoundaryOf(MediaTypeHeaderValue media)
    {
        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary).ToString();
        return boundary.Length is > 0 and <= LongestBoundary
            ? boundary
            : throw new BadHttpRequestException($"Content-Type: a boundary of 1 to {LongestBoundary} characters is expected.");
    }
}
