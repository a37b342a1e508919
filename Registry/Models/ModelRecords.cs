using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Rollouts;
using Sluice.Registry.Store;

namespace Sluice.Registry.Models;

/// <summary>Creates, changes and deletes models. Every change is a compare-and-set on the model's record, with its audit entry in the same batch.</summary>
internal sealed partial class ModelRecords(IStore store, RolloutRecords rollouts, AuditLog audit, TimeProvider time, ILogger<ModelRecords> logger)
{
    /// <summary>Bytes of a record, so that no tag or alias too many makes lists slow for everybody.</summary>
    private const int LargestRecord = 256 * 1024;

    /// <summary>Creates a model, or changes its description and tags when it is there.</summary>
    /// <returns>Its record, and whether it was created.</returns>
    public async Task<(ModelRecord Record, bool IsNew)> EnsureAsync(string model, FactPatch patch, Caller caller, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await DescribeAsync(model, patch, caller, cancellationToken) is { } known)
            {
                return (known, false);
            }

            var batch = new StoreBatch();
            var record = Describe(await BeginAsync(batch, model, cancellationToken), patch);
            batch.Put(StoreKeys.Model(model), ToBytes(record), StoreBatch.Absent);
            audit.Note(batch, caller, "model.create", model, details: patch.Told);
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                LogCreated(model);
                return (record, true);
            }
        }
    }

    /// <summary>Changes description and tags; null when there is no such model.</summary>
    public Task<ModelRecord?> DescribeAsync(string model, FactPatch patch, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        model, record => Describe(record, patch), (batch, _) => audit.Note(batch, caller, "model.describe", model, details: patch.Told), cancellationToken);

    /// <summary>Sets what a version must pass before a rollout; null when there is no such model.</summary>
    public Task<ModelRecord?> SetGatesAsync(string model, IReadOnlyList<Gate> gates, Caller caller, CancellationToken cancellationToken) => ChangeAsync(
        model,
        record => record.Gates.SequenceEqual(gates) ? record : record with { Gates = gates },
        (batch, _) => audit.Note(batch, caller, "gates.set", model, details: JsonSerializer.SerializeToElement(gates, ContractsJson.Default.IReadOnlyListGate)),
        cancellationToken);

    /// <summary>The record of a model that is not there yet. The batch that writes it gets what keeps it from using a number twice.</summary>
    public async Task<ModelRecord> BeginAsync(StoreBatch batch, string model, CancellationToken cancellationToken)
    {
        var key = StoreKeys.Retired(model);
        var retired = await store.GetAsync(key, cancellationToken);
        _ = retired is null ? batch.Check(key, StoreBatch.Absent) : batch.Delete(key, retired.ModRevision);
        return new ModelRecord(model, retired is null ? 0 : JsonSerializer.Deserialize(retired.Value.Span, ModelsJson.Default.Int32), time.GetUtcNow());
    }

    /// <summary>Deletes a model with all its versions.</summary>
    /// <returns>False when there is none. Blobs go later, when nothing names them.</returns>
    /// <exception cref="BadHttpRequestException">409: a version of it is in use.</exception>
    public async Task<bool> DeleteAsync(string model, Caller caller, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.GetAsync(StoreKeys.Model(model), cancellationToken) is not { } entry)
            {
                return false;
            }

            var record = ModelCatalog.ReadModel(entry);
            var versions = await store.ListAsync(StoreKeys.Versions(model), cancellationToken);
            var batch = new StoreBatch()
                .Delete(StoreKeys.Model(model), entry.ModRevision)
                .Put(StoreKeys.Retired(model), JsonSerializer.SerializeToUtf8Bytes(record.HighestVersion, ModelsJson.Default.Int32));
            await VersionUse.RefuseAsync(store, batch, model, version: null, cancellationToken);
            foreach (var version in versions.Entries)
            {
                batch.Delete(version.Key);
            }

            await rollouts.DeleteAsync(batch, model, cancellationToken);
            audit.Note(batch, caller, "model.delete", model, details: JsonSerializer.SerializeToElement(record, ModelsJson.Default.ModelRecord));
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                LogDeleted(model, versions.Entries.Count);
                return true;
            }
        }
    }

    /// <summary>Changes a record; null when there is no such model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="change">The record after the change; the same one when there is nothing to change.</param>
    /// <param name="note">Adds to the batch what belongs to the change, the audit entry first of all; gets the record as it was.</param>
    /// <param name="cancellationToken">Ends it before it is written.</param>
    public async Task<ModelRecord?> ChangeAsync(
        string model, Func<ModelRecord, ModelRecord> change, Action<StoreBatch, ModelRecord> note, CancellationToken cancellationToken)
    {
        while (await store.GetAsync(StoreKeys.Model(model), cancellationToken) is { } entry)
        {
            var record = ModelCatalog.ReadModel(entry);
            var changed = change(record);
            if (ReferenceEquals(record, changed))
            {
                return record;
            }

            var batch = new StoreBatch().Put(StoreKeys.Model(model), ToBytes(changed), entry.ModRevision);
            note(batch, record);
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                return changed;
            }
        }

        return null;
    }

    /// <summary>A record as the store keeps it.</summary>
    /// <exception cref="BadHttpRequestException">422: it is too large.</exception>
    public static byte[] ToBytes(ModelRecord record)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(record, ModelsJson.Default.ModelRecord);
        return bytes.Length <= LargestRecord ? bytes : throw new BadHttpRequestException(
            $"The record of {record.Name} would have {bytes.Length} bytes, at most {LargestRecord} are kept: fewer or shorter tags, aliases or gates are expected.",
            StatusCodes.Status422UnprocessableEntity);
    }

    private static ModelRecord Describe(ModelRecord record, FactPatch patch)
    {
        var (description, tags) = patch.Apply(record.Description, record.Tags);
        return patch.Changes(record.Description, record.Tags) ? record with { Description = description, Tags = tags } : record;
    }

    [LoggerMessage(LogLevel.Information, "Created the model {Model}")]
    private partial void LogCreated(string model);

    [LoggerMessage(LogLevel.Information, "Deleted the model {Model} with {Count} version(s)")]
    private partial void LogDeleted(string model, int count);
}
