using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Serving;
using Sluice.Registry.Store;

namespace Sluice.Registry.Models;

/// <summary>What is registered, as the store has it.</summary>
internal sealed class ModelCatalog(IStore store, ServingStates serving)
{
    /// <summary>Whether a version of the model was ever registered.</summary>
    public async Task<bool> HasModelAsync(string model, CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.Model(model), cancellationToken) is not null;

    /// <summary>All models by name.</summary>
    public async Task<IReadOnlyList<ModelView>> ListModelsAsync(CancellationToken cancellationToken)
    {
        var states = (await serving.ListAsync(cancellationToken)).ToDictionary(state => state.Model, StringComparer.Ordinal);
        var models = await store.ListAsync(StoreKeys.Models, cancellationToken);
        return [.. models.Entries.Select(Read).Select(record => ToView(record, states.GetValueOrDefault(record.Name)))];
    }

    /// <summary>One model; null when there is none.</summary>
    public async Task<ModelView?> FindModelAsync(string model, CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.Model(model), cancellationToken) is { } entry
            ? ToView(Read(entry), await serving.FindAsync(model, cancellationToken))
            : null;

    /// <summary>A model's versions by number.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ListVersionsAsync(string model, CancellationToken cancellationToken)
    {
        var listing = await store.ListAsync(StoreKeys.Versions(model), cancellationToken);
        return [.. listing.Entries.Select(ReadVersion).OrderBy(version => version.Version)];
    }

    /// <summary>One version; null when there is none.</summary>
    public async Task<ModelVersion?> FindVersionAsync(string model, int version, CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.Version(model, version), cancellationToken) is { } entry ? ReadVersion(entry) : null;

    private static ModelRecord Read(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ModelsJson.Default.ModelRecord)!;

    private static ModelVersion ReadVersion(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ModelVersion)!;

    private static ModelView ToView(ModelRecord record, ServingState? state) => new(record.Name, record.HighestVersion, record.CreatedAt, state)
    {
        Description = record.Description,
        Tags = record.Tags,
        Aliases = record.Aliases,
        Gates = record.Gates,
    };
}
