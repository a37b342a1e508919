using System.Text.Json;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;

namespace Sluice.Registry.Models;

/// <summary>Names for versions that move. They are in the model's record: an alias never names a version that does not exist.</summary>
internal sealed class AliasRecords(IStore store, ModelRecords models, AuditLog audit)
{
    /// <summary>Aliases of one model.</summary>
    private const int MostAliases = 1000;

    /// <summary>Sets an alias, or moves it.</summary>
    /// <returns>Whether it is new; null when there is no such model.</returns>
    /// <exception cref="BadHttpRequestException">422: there is no such version, or there are too many aliases.</exception>
    public async Task<bool?> SetAsync(string model, string alias, int version, Caller caller, CancellationToken cancellationToken)
    {
        var versionKey = StoreKeys.Version(model, version);
        while (await store.GetAsync(StoreKeys.Model(model), cancellationToken) is { } entry)
        {
            var record = ModelCatalog.ReadModel(entry);
            var versionEntry = await store.GetAsync(versionKey, cancellationToken) ?? throw Unprocessable($"version: there is no version {version} of {model}.");
            int? before = record.Aliases.TryGetValue(alias, out var number) ? number : null;
            if (before == version)
            {
                return false;
            }

            if (before is null && record.Aliases.Count >= MostAliases)
            {
                throw Unprocessable($"alias: {model} has {MostAliases} aliases, which is all it may have.");
            }

            var aliases = new SortedDictionary<string, int>(record.Aliases.ToDictionary(), StringComparer.Ordinal) { [alias] = version };
            var batch = new StoreBatch()
                .Put(StoreKeys.Model(model), ModelRecords.ToBytes(record with { Aliases = aliases }), entry.ModRevision)
                .Check(versionKey, versionEntry.ModRevision);
            audit.Note(batch, caller, "alias.set", model, version, details: Details(alias, before));
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                return before is null;
            }
        }

        return null;
    }

    /// <summary>Takes an alias away.</summary>
    /// <returns>The version it named; null when there is no such alias.</returns>
    public async Task<int?> DeleteAsync(string model, string alias, Caller caller, CancellationToken cancellationToken)
    {
        int? named = null;
        await models.ChangeAsync(
            model,
            record =>
            {
                named = record.Aliases.TryGetValue(alias, out var version) ? version : null;
                return named is null
                    ? record
                    : record with { Aliases = record.Aliases.Where(pair => pair.Key != alias).ToDictionary(StringComparer.Ordinal) };
            },
            (batch, _) => audit.Note(batch, caller, "alias.delete", model, named, details: Details(alias, named)),
            cancellationToken);
        return named;
    }

    private static JsonElement Details(string alias, int? before) =>
        JsonSerializer.SerializeToElement(new AliasDetails(alias, before), ModelsJson.Default.AliasDetails);

    private static BadHttpRequestException Unprocessable(string detail) => new(detail, StatusCodes.Status422UnprocessableEntity);
}
