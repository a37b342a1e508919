using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Http;
using Sluice.Registry.Store;

namespace Sluice.Registry.Models;

/// <summary>What is registered, as the store has it.</summary>
internal sealed class ModelCatalog(IStore store)
{
    private readonly StoreView<ModelRecord> _models = new(store, StoreKeys.Models, ReadModel);

    private readonly StoreView<ServingState> _serving =
        new(store, StoreKeys.AllServing, entry => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ServingState)!);

    /// <summary>Whether there is such a model.</summary>
    public async Task<bool> HasModelAsync(string model, CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.Model(model), cancellationToken) is not null;

    /// <summary>The models that a query asks for, by name.</summary>
    public async Task<Page<ModelView>> ListModelsAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        var models = await _models.ReadAsync(cancellationToken);
        var serving = await _serving.ReadAsync(cancellationToken);
        return query.Range.Take(
            models.Items.Where(model => query.Matches(model.Value)), model => model.Name, model => ToView(model.Value, serving.Find(model.Name)?.Value));
    }

    /// <summary>One model; null when there is none.</summary>
    public async Task<ModelView?> FindModelAsync(string model, CancellationToken cancellationToken) =>
        await FindRecordAsync(model, cancellationToken) is { } record
            ? ToView(record, (await _serving.ReadAsync(cancellationToken)).Find(model)?.Value)
            : null;

    /// <summary>The record of a model; null when there is none.</summary>
    public async Task<ModelRecord?> FindRecordAsync(string model, CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.Model(model), cancellationToken) is { } entry ? ReadModel(entry) : null;

    /// <summary>A model's versions by number; null when there is no such model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="range">Which part of them.</param>
    /// <param name="tags">What they must be tagged with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Page<ModelVersion>?> ListVersionsAsync(
        string model, PageRange range, IReadOnlyList<TagFilter> tags, CancellationToken cancellationToken)
    {
        if (await FindRecordAsync(model, cancellationToken) is not { } record)
        {
            return null;
        }

        // Keys sort as texts, versions as numbers; the number stands in the key, so only what is shown is parsed.
        var prefix = StoreKeys.Versions(model);
        var listing = await store.ListAsync(prefix, cancellationToken);
        var versions = listing.Entries
            .Select(entry => (Number: int.Parse(entry.Key.AsSpan(prefix.Length), CultureInfo.InvariantCulture), Entry: entry))
            .OrderBy(version => version.Number)
            .Where(version => range.IsBehind(version.Number))
            .Select(version => ReadVersion(version.Entry))
            .Where(version => tags.All(tag => tag.Matches(version.Tags)));
        return range.Take(
            versions, version => version.Version.ToString(CultureInfo.InvariantCulture), version => version with { Aliases = record.AliasesOf(version.Version) });
    }

    /// <summary>One version; null when there is none.</summary>
    public async Task<ModelVersion?> FindVersionAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(StoreKeys.Version(model, version), cancellationToken) is not { } entry)
        {
            return null;
        }

        var record = await FindRecordAsync(model, cancellationToken);
        return ReadVersion(entry) with { Aliases = record?.AliasesOf(version) ?? [] };
    }

    /// <summary>Reads the record of a model.</summary>
    internal static ModelRecord ReadModel(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ModelsJson.Default.ModelRecord)!;

    /// <summary>Reads a version.</summary>
    internal static ModelVersion ReadVersion(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ModelVersion)!;

    private static ModelView ToView(ModelRecord record, ServingState? state) => new(record.Name, record.HighestVersion, record.CreatedAt, state)
    {
        Description = record.Description,
        Tags = record.Tags,
        Aliases = record.Aliases,
        Gates = record.Gates,
    };
}
