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
    IStore store, ModelRecords models, BlobSweeps sweeps, AuditLog audit, TimeProvider time, ILogger<Registration> logger)
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
        var graph = await FindGraphAsync(upload.Files, cancellationToken);
        var onnx = ReadGraph(graph);
        CheckExternalFiles(graph.Path, onnx.ExternalFiles, upload.Files);
        if (upload.Metadata.Signature is { } given && SignatureDifference.Find(given, onnx.Signature) is { } difference)
        {
            throw Unprocessable($"signature: {difference}.");
        }

        var described = Describe(model, upload, graph.Path, onnx);
        var version = await sweeps.RecordAsync(
            [.. described.Blobs.Select(blob => blob.Digest)],
            token => CommitAsync(upload.Files, token),
            token => BuildAsync(described, caller, token),
            cancellationToken);
        LogRegistered(version.Model, version.Version, version.Digest);
        return version;
    }

    private static async Task<UploadedFile> FindGraphAsync(IReadOnlyList<UploadedFile> files, CancellationToken cancellationToken)
    {
        var paths = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        string? path = null, problem = null;
        if (ArtifactLayout.FindMlModel(paths) is { } mlModel)
        {
            var text = await ReadStartAsync(files.First(file => file.Path == mlModel), cancellationToken);
            path = ArtifactLayout.FindNamed(mlModel, text, paths);
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

    private ModelVersion Describe(string model, VersionUpload upload, string graph, OnnxModel onnx)
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
        };
    }

    private static async Task CommitAsync(IReadOnlyList<UploadedFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            await file.Content.CommitAsync(cancellationToken);
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

    private static async Task<string> ReadStartAsync(UploadedFile file, CancellationToken cancellationToken)
    {
        await using var stream = file.Content.OpenRead();
        var start = new byte[Math.Min(file.Content.Size, LongestMlModel)];
        await stream.ReadExactlyAsync(start, cancellationToken);
        return Encoding.UTF8.GetString(start);
    }

    private static BadHttpRequestException Unprocessable(string detail) => new(detail, StatusCodes.Status422UnprocessableEntity);

    [LoggerMessage(LogLevel.Information, "Registered version {Version} of {Model}, {Digest}")]
    private partial void LogRegistered(string model, int version, string digest);
}
