using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Store;

namespace Sluice.Registry.Models;

/// <summary>Which versions of a model are in use, and so cannot be deleted.</summary>
internal static class VersionUse
{
    /// <summary>What each version is used for, in words; empty when none is.</summary>
    public static IReadOnlyList<(int Version, string Use)> Of(ServingState state)
    {
        var uses = new List<(int Version, string Use)>();
        Add(state.Stable, "stable");
        Add(state.Canary, "canary");
        Add(state.Previous, "previous");
        foreach (var assignment in state.Assignments.Where(assignment => uses.TrueForAll(use => use.Version != assignment.Version)))
        {
            Add(assignment.Version, $"assigned to the {assignment.Pool} pool");
        }

        return uses;

        void Add(int? version, string use)
        {
            if (version is { } number)
            {
                uses.Add((number, use));
            }
        }
    }

    /// <summary>Refuses a deletion of what is in use. The batch gets what keeps it from being taken into use meanwhile.</summary>
    /// <param name="store">The store.</param>
    /// <param name="batch">The batch that deletes.</param>
    /// <param name="model">The model.</param>
    /// <param name="version">The version that is deleted; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadHttpRequestException">409: it is in use; the message says as what.</exception>
    public static async Task RefuseAsync(IStore store, StoreBatch batch, string model, int? version, CancellationToken cancellationToken)
    {
        var key = StoreKeys.Serving(model);
        if (await store.GetAsync(key, cancellationToken) is not { } entry)
        {
            batch.Check(key, StoreBatch.Absent);
            return;
        }

        var state = JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ServingState)!;
        var uses = Of(state).Where(use => version is null || use.Version == version).ToList();
        if (uses.Count > 0)
        {
            throw new BadHttpRequestException(
                $"{model} cannot be deleted{(version is null ? "" : " in this version")}: version {string.Join(", version ", uses.Select(use => $"{use.Version} is {use.Use}"))}.",
                StatusCodes.Status409Conflict);
        }

        // A model that goes takes its state along; the check would leave it to name nothing.
        _ = version is null ? batch.Delete(key, entry.ModRevision) : batch.Check(key, entry.ModRevision);
    }
}
