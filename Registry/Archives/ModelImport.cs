using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Blobs;
using Sluice.Registry.Models;
using Sluice.Registry.Store;

namespace Sluice.Registry.Archives;

/// <summary>Makes a model of an archive: with all versions under their numbers, or not at all. The files are checked as those of an upload are.</summary>
internal sealed partial class ModelImport(
    IStore store, IBlobStore blobs, BlobSweeps sweeps, ModelRecords models, AuditLog audit, ILogger<ModelImport> logger)
{
    /// <summary>Imports.</summary>
    /// <param name="archive">The archive, at its start.</param>
    /// <param name="name">What the model shall be called; null for what it was called.</param>
    /// <param name="caller">Who.</param>
    /// <param name="cancellationToken">Ends it before the records are written; nothing is kept.</param>
    /// <exception cref="BadHttpRequestException">400, 413, 422: the archive is not as expected; 409: there is a model of this name. Nothing is kept.</exception>
    public async Task<ImportedModel> ImportAsync(ArchiveReader archive, string? name, Caller caller, CancellationToken cancellationToken)
    {
        var manifest = await archive.ReadManifestAsync(cancellationToken);
        var model = manifest.Model with { Name = name ?? manifest.Model.Name };
        await RefuseExistingAsync(model, manifest, cancellationToken); // before gigabytes are read, and again when they were
        var staged = new Dictionary<string, IStagedBlob>(StringComparer.Ordinal);
        try
        {
            await archive.ReadBlobsAsync(manifest.Blobs, blobs, staged, cancellationToken);
            foreach (var version in manifest.Versions)
            {
                var golden = version.Golden is { } file ? new UploadedFile(file.Path, staged[file.Digest]) : null;
                await Registration.CheckAsync(
                    version, [.. version.Files.Select(file => new UploadedFile(file.Path, staged[file.Digest]))], golden, cancellationToken);
            }

            await sweeps.RecordAsync(
                [.. staged.Keys],
                token => CommitAsync(staged.Values, token),
                token => BuildAsync(model, manifest, caller, token),
                cancellationToken);
        }
        finally
        {
            foreach (var blob in staged.Values)
            {
                await blob.DisposeAsync();
            }
        }

        LogImported(model.Name, manifest.Versions.Count);
        return new ImportedModel(model.Name, [.. manifest.Versions.Select(version => version.Version).Order()], BytesOf(manifest));
    }

    private static async Task CommitAsync(IEnumerable<IStagedBlob> staged, CancellationToken cancellationToken)
    {
        foreach (var blob in staged)
        {
            await blob.CommitAsync(cancellationToken);
        }
    }

    private async Task<(StoreBatch? Batch, bool Done)> BuildAsync(ModelRecord model, ArchiveManifest manifest, Caller caller, CancellationToken cancellationToken)
    {
        await RefuseExistingAsync(model, manifest, cancellationToken);
        var batch = new StoreBatch();

        // A model of this name that was deleted had numbers too: the next version is above both.
        var begun = await models.BeginAsync(batch, model.Name, cancellationToken);
        var record = model with { HighestVersion = Math.Max(begun.HighestVersion, model.HighestVersion) };
        batch.Put(StoreKeys.Model(model.Name), ModelRecords.ToBytes(record), StoreBatch.Absent);
        foreach (var version in manifest.Versions)
        {
            batch.Put(StoreKeys.Version(model.Name, version.Version), VersionRecords.ToBytes(version with { Model = model.Name }), StoreBatch.Absent);
        }

        audit.Note(batch, caller, "model.import", model.Name, details: JsonSerializer.SerializeToElement(
            new ImportDetails(manifest.Model.Name, manifest.Versions.Count, BytesOf(manifest)), ArchivesJson.Default.ImportDetails));
        return (batch, true);
    }

    private async Task RefuseExistingAsync(ModelRecord model, ArchiveManifest manifest, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(StoreKeys.Model(model.Name), cancellationToken) is not { } entry)
        {
            return;
        }

        var known = (await store.ListAsync(StoreKeys.Versions(model.Name), cancellationToken)).Entries.Select(version => ModelCatalog.ReadVersion(version).Version).ToHashSet();
        var clashing = manifest.Versions.Select(version => version.Version).Where(known.Contains).Order().Take(10).ToList();
        throw new BadHttpRequestException(
            $"There is a model {model.Name} already, with versions up to {ModelCatalog.ReadModel(entry).HighestVersion}; of those in the archive it has {(clashing.Count == 0 ? "none" : string.Join(", ", clashing))}. Import it under another name with ?as=.",
            StatusCodes.Status409Conflict);
    }

    private static long BytesOf(ArchiveManifest manifest) => manifest.Blobs.Sum(blob => blob.Size);

    [LoggerMessage(LogLevel.Information, "Imported the model {Model} with {Count} version(s)")]
    private partial void LogImported(string model, int count);
}
