using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Blobs;
using Sluice.Registry.Onnx;
using Sluice.Registry.Store;

namespace Sluice.Registry.Models;

/// <summary>
/// Makes a version of an upload: finds the graph, reads and checks it, makes the files blobs, and writes the record with the next number. A version
/// exists whole or not at all.
/// </summary>
internal sealed partial class Registration(
    IStore store, IBlobStore blobs, ModelRecords models, BlobSweeps sweeps, AuditLog audit, TimeProvider time, ILogger<Registration> logger)
{
    /// <summary>Bytes of an MLmodel file that are looked at.</summary>
    private const int LongestMlModel = 64 * 1024;

    /// <summary>Registers.</summary>
    /// <param name="model">A valid name; the model is made with its first version.</param>
    /// <param name="upload">What came; the caller disposes it.</param>
    /// <param name="caller">Who registers it, for the audit log.</param>
    /// <param name="cancellationToken">Ends it before the record is written.</param>
    /// <exception cref="BadHttpRequestException">422: the artifact cannot be served. Nothing is kept.</exception>
    public async Task<ModelVersion> RegisterAsync(string model, VersionUpload upload, Caller caller, CancellationToken cancellationToken)
    {
        upload.Progress?.Enter(UploadPhase.Checking);
        var graph = await FindGraphAsync(upload.Files, cancellationToken);
        var onnx = ReadGraph(graph);
        CheckExternalFiles(graph.Path, onnx.ExternalFiles, upload.Files);
        if (upload.Metadata.Signature is { } given && SignatureDifference.Find(given, onnx.Signature) is { } difference)
        {
            throw Unprocessable($"signature: {difference}.");
        }

        var vectors = await FindGoldenAsync(upload, graph.Path, onnx.Signature, cancellationToken);
        await using var golden = vectors is null ? null : await blobs.StageAsync(new MemoryStream(vectors), cancellationToken);
        var described = Describe(model, upload, graph.Path, onnx, golden);
        VersionRecords.ToBytes(described); // too large a record is refused before anything is kept
        upload.Progress?.Enter(UploadPhase.Recording);
        var files = upload.Files.Select(file => file.Content);
        IStagedBlob[] contents = golden is null ? [.. files] : [.. files, golden];
        var version = await sweeps.RecordAsync(
            [.. described.Blobs.Select(blob => blob.Digest)],
            token => CommitAsync(contents, token),
            token => BuildAsync(described, caller, token),
            cancellationToken);
        LogRegistered(version.Model, version.Version, version.Digest);
        return version;
    }

    /// <summary>Checks that the files of a version that was described elsewhere are such as an upload must have, and are what the description says.</summary>
    /// <param name="version">The description.</param>
    /// <param name="files">Its files.</param>
    /// <param name="golden">Its golden vectors; null when it has none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">422: they are not.</exception>
    public static async Task CheckAsync(
        ModelVersion version, IReadOnlyList<UploadedFile> files, UploadedFile? golden, CancellationToken cancellationToken)
    {
        var graph = files.First(file => file.Path == version.ModelPath);
        var onnx = ReadGraph(graph);
        CheckExternalFiles(graph.Path, onnx.ExternalFiles, files);
        if (SignatureDifference.Find(version.Signature, onnx.Signature) is { } difference)
        {
            throw Unprocessable($"version {version.Version}: signature: {difference}.");
        }

        if (golden is not null)
        {
            GoldenVectors.Write(await ReadStartAsync(golden, GoldenVectors.LargestFile, cancellationToken), golden.Path, onnx.Signature);
        }
    }

    private static async Task<UploadedFile> FindGraphAsync(IReadOnlyList<UploadedFile> files, CancellationToken cancellationToken)
    {
        var paths = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        string? path = null, problem = null;
        if (ArtifactLayout.FindMlModel(paths) is { } mlModel)
        {
            var text = await ReadStartAsync(files.First(file => file.Path == mlModel), LongestMlModel, cancellationToken);
            path = ArtifactLayout.FindNamed(mlModel, Encoding.UTF8.GetString(text), paths);
        }

        if (path is null)
        {
            (path, problem) = ArtifactLayout.FindGraph(paths);
        }

        return path is not null ? files.First(file => file.Path == path) : throw Unprocessable(problem!);
    }

    private static OnnxModel ReadGraph(UploadedFile graph)
    {
        try
        {
            using var file = graph.Content.OpenRead();
            return OnnxReader.Read(file);
        }
        catch (OnnxFormatException exception)
        {
            throw Unprocessable($"{graph.Path}: {exception.Message}");
        }
    }

    private static void CheckExternalFiles(string graph, IReadOnlyList<ExternalFile> wanted, IReadOnlyList<UploadedFile> files)
    {
        foreach (var (location, size) in wanted)
        {
            if (ArtifactPath.FindProblem(location) is { } problem)
            {
                throw Unprocessable($"{graph}: its external data '{location}' is not accepted: {problem}.");
            }

            var path = ArtifactPath.FolderOf(graph) + location;
            var file = files.FirstOrDefault(file => file.Path == path)
                ?? throw Unprocessable($"{graph}: its external data '{location}' is not among the files; expected {path}.");
            if (file.Content.Size < size)
            {
                throw Unprocessable($"{graph}: its external data '{location}' has {file.Content.Size} bytes, the graph refers to {size}.");
            }
        }
    }

    private static async Task<byte[]?> FindGoldenAsync(
        VersionUpload upload, string graph, ModelSignature signature, CancellationToken cancellationToken)
    {
        if (upload.Metadata.Golden is { ValueKind: not JsonValueKind.Null } told)
        {
            return GoldenVectors.Write(told, "golden", signature);
        }

        if (ArtifactLayout.FindGolden(graph, upload.Files.Select(file => file.Path)) is not { } path)
        {
            return null;
        }

        var file = upload.Files.First(file => file.Path == path);
        return file.Content.Size <= GoldenVectors.LargestFile
            ? GoldenVectors.Write(await ReadStartAsync(file, GoldenVectors.LargestFile, cancellationToken), path, signature)
            : throw Unprocessable($"{path}: {file.Content.Size} bytes; golden vectors of at most {GoldenVectors.LargestFile >> 20} MiB are expected.");
    }

    private ModelVersion Describe(string model, VersionUpload upload, string graph, OnnxModel onnx, IStagedBlob? golden)
    {
        ModelFile[] files =
        [
            .. upload.Files
                .Select(file => new ModelFile(file.Path, file.Content.Digest, file.Content.Size))
                .OrderBy(file => file.Path, StringComparer.Ordinal),
        ];
        return new ModelVersion
        {
            Model = model,
            Version = 0, // given by the record
            Digest = VersionDigest.Of(files),
            ModelPath = graph,
            Files = files,
            Signature = onnx.Signature,
            Opset = onnx.Opset,
            CreatedAt = time.GetUtcNow(),
            Description = upload.Metadata.Description,
            Labels = upload.Metadata.Labels,
            Metrics = upload.Metadata.Metrics,
            Tags = upload.Metadata.Tags,
            SourceRun = upload.Metadata.SourceRun,
            Golden = golden is null ? null : new ModelFile(GoldenVectors.FileName, golden.Digest, golden.Size),
            Warnings = VersionWarnings.Find(onnx, files.Sum(file => file.Size), upload.Metadata.Labels, golden is not null),
            Settings = upload.Metadata.Settings,
            StorageUri = upload.StorageUri,
        };
    }

    private static async Task CommitAsync(IEnumerable<IStagedBlob> contents, CancellationToken cancellationToken)
    {
        foreach (var content in contents)
        {
            await content.CommitAsync(cancellationToken);
        }
    }

    // Number and record are one commit. Each conflict means that somebody else got a number, so trying again ends.
    private async Task<(StoreBatch? Batch, ModelVersion Version)> BuildAsync(ModelVersion described, Caller caller, CancellationToken cancellationToken)
    {
        var modelKey = StoreKeys.Model(described.Model);
        var entry = await store.GetAsync(modelKey, cancellationToken);
        var batch = new StoreBatch();
        var record = entry is null ? await models.BeginAsync(batch, described.Model, cancellationToken) : ModelCatalog.ReadModel(entry);
        record = record with { HighestVersion = record.HighestVersion + 1 };
        var version = described with { Version = record.HighestVersion };
        batch
            .Put(modelKey, ModelRecords.ToBytes(record), entry?.ModRevision ?? StoreBatch.Absent)
            .Put(StoreKeys.Version(version.Model, version.Version), VersionRecords.ToBytes(version), StoreBatch.Absent);
        audit.Note(batch, caller, "version.register", version.Model, version.Version, details: JsonSerializer.SerializeToElement(
            new RegisteredDetails(version.Digest, version.Files.Sum(file => file.Size)), ModelsJson.Default.RegisteredDetails));
        return (batch, version);
    }

    private static async Task<byte[]> ReadStartAsync(UploadedFile file, int limit, CancellationToken cancellationToken)
    {
        await using var stream = file.Content.OpenRead();
        var start = new byte[Math.Min(file.Content.Size, limit)];
        await stream.ReadExactlyAsync(start, cancellationToken);
        return start;
    }

    private static BadHttpRequestException Unprocessable(string detail) => new(detail, StatusCodes.Status422UnprocessableEntity);

    [LoggerMessage(LogLevel.Information, "Registered version {Version} of {Model}, {Digest}")]
    private partial void LogRegistered(string model, int version, string digest);
}
