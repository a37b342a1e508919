using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;

namespace Sluice.Registry.Models;

/// <summary>What may happen to a version after its registration: another description, other tags, and its end.</summary>
internal sealed partial class VersionRecords(IStore store, AuditLog audit, ILogger<VersionRecords> logger)
{
    /// <summary>Bytes of a version's record: it is told to every watcher.</summary>
    private const int LargestRecord = 512 * 1024;

    /// <summary>A record as the store keeps it.</summary>
    /// <exception cref="BadHttpRequestException">422: it is too large.</exception>
    public static byte[] ToBytes(ModelVersion version)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(version with { Aliases = [] }, ContractsJson.Default.ModelVersion);
        return bytes.Length <= LargestRecord ? bytes : throw new BadHttpRequestException(
            $"The record of the version would have {bytes.Length} bytes, at most {LargestRecord} are kept: fewer or shorter labels, tags, metrics or paths are expected.",
            StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>Changes description and tags; null when there is no such version.</summary>
    public async Task<ModelVersion?> DescribeAsync(string model, int version, FactPatch patch, Caller caller, CancellationToken cancellationToken)
    {
        var key = StoreKeys.Version(model, version);
        while (await store.GetAsync(key, cancellationToken) is { } entry)
        {
            var record = ModelCatalog.ReadVersion(entry);
            if (!patch.Changes(record.Description, record.Tags))
            {
                return record;
            }

            var (description, tags) = patch.Apply(record.Description, record.Tags);
            var changed = record with { Description = description, Tags = tags };
            var batch = new StoreBatch().Put(key, ToBytes(changed), entry.ModRevision);
            audit.Note(batch, caller, "version.describe", model, version, details: patch.Told);
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                return changed;
            }
        }

        return null;
    }

    /// <summary>Deletes a version and the aliases that name it. Its number is not used again; its blobs go later, when nothing names them.</summary>
    /// <returns>False when there is no such version.</returns>
    /// <exception cref="BadHttpRequestException">409: it is in use.</exception>
    public async Task<bool> DeleteAsync(string model, int version, Caller caller, CancellationToken cancellationToken)
    {
        var key = StoreKeys.Version(model, version);
        while (true)
        {
            // The record first: what changes it in between makes the batch fail, what changes the version before is seen.
            var modelEntry = await store.GetAsync(StoreKeys.Model(model), cancellationToken);
            if (modelEntry is null || await store.GetAsync(key, cancellationToken) is not { } entry)
            {
                return false;
            }

            var record = ModelCatalog.ReadModel(modelEntry);
            var aliases = record.AliasesOf(version);
            var batch = new StoreBatch().Delete(key, entry.ModRevision);
            _ = aliases.Count == 0
                ? batch.Check(StoreKeys.Model(model), modelEntry.ModRevision)
                : batch.Put(StoreKeys.Model(model), ModelRecords.ToBytes(record with { Aliases = Without(record.Aliases, version) }), modelEntry.ModRevision);
            await VersionUse.RefuseAsync(store, batch, model, version, cancellationToken);
            audit.Note(batch, caller, "version.delete", model, version, details: JsonSerializer.SerializeToElement(
                new DeletedDetails(ModelCatalog.ReadVersion(entry).Digest, aliases), ModelsJson.Default.DeletedDetails));
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                LogDeleted(model, version);
                return true;
            }
        }
    }

    private static Dictionary<string, int> Without(IReadOnlyDictionary<string, int> aliases, int version) =>
        aliases.Where(pair => pair.Value != version).ToDictionary(StringComparer.Ordinal);

    [LoggerMessage(LogLevel.Information, "Deleted version {Version} of {Model}")]
    private partial void LogDeleted(string model, int version);
}
