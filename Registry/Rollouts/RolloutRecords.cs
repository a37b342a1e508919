using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;

namespace Sluice.Registry.Rollouts;

/// <summary>A rollout as it was read, and what a write of it must find unchanged.</summary>
internal sealed record StoredRollout(RolloutState State, long RolloutRevision, long ServingRevision);

/// <summary>
/// Rollouts in the store: a model's open one under the model's name, where watchers see it, closed ones under their number. A change, the serving state
/// it makes, its entry in the rollout's log and in the audit log are one commit.
/// </summary>
internal sealed class RolloutRecords(IStore store, AuditLog audit)
{
    /// <summary>The open rollout of a model, with the serving state; null when there is none.</summary>
    public async Task<StoredRollout?> FindOpenAsync(string model, CancellationToken cancellationToken)
    {
        var rollout = await store.GetAsync(StoreKeys.OpenRollout(model), cancellationToken);
        var serving = rollout is null ? null : await store.GetAsync(StoreKeys.Serving(model), cancellationToken);
        return rollout is null || serving is null
            ? null
            : new StoredRollout(new RolloutState(Read(rollout), ReadServing(serving)), rollout.ModRevision, serving.ModRevision);
    }

    /// <summary>A rollout, open or closed; null when there is none of that id.</summary>
    public async Task<Rollout?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!RolloutId.TryParse(id, out var model, out var number))
        {
            return null;
        }

        // Open first: one that is closed in between is found closed.
        return await store.GetAsync(StoreKeys.OpenRollout(model), cancellationToken) is { } open && Read(open) is var rollout && rollout.Id == id
            ? rollout
            : await store.GetAsync(StoreKeys.ClosedRollout(model, number), cancellationToken) is { } closed ? Read(closed) : null;
    }

    /// <summary>All open rollouts by model name.</summary>
    public async Task<IReadOnlyList<Rollout>> ListOpenAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(StoreKeys.OpenRollouts, cancellationToken)).Entries.Select(Read)];

    /// <summary>A model's rollouts, newest first.</summary>
    public async Task<IReadOnlyList<Rollout>> ListAsync(string model, CancellationToken cancellationToken)
    {
        var closed = (await store.ListAsync(StoreKeys.ClosedRollouts(model), cancellationToken)).Entries.Select(Read).Reverse();
        if (await store.GetAsync(StoreKeys.OpenRollout(model), cancellationToken) is not { } entry)
        {
            return [.. closed];
        }

        var open = Read(entry);
        return [open, .. closed.Where(rollout => rollout.Id != open.Id)];
    }

    /// <summary>What happened to a rollout, in order.</summary>
    public async Task<IReadOnlyList<RolloutEvent>> ListEventsAsync(string id, CancellationToken cancellationToken)
    {
        var page = await store.ReadLogAsync(StoreKeys.RolloutEvents(id), 0, int.MaxValue, cancellationToken);
        return [.. page.Entries.Select(entry => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.RolloutEvent)! with { Number = entry.Number })];
    }

    /// <summary>Writes the start of a rollout.</summary>
    /// <param name="start">The start.</param>
    /// <param name="former">The model's rollout that was promoted and could still be taken back: this ends that. Null when there is none.</param>
    /// <param name="serving">The serving state's entry that the start was decided on.</param>
    /// <param name="canary">The version's entry: it may be deleted until it is tried, and not after.</param>
    /// <param name="caller">Who.</param>
    /// <param name="cancellationToken">Ends it before it is written.</param>
    /// <returns>False when something changed meanwhile.</returns>
    public Task<bool> StartAsync(
        Transition start, StoredRollout? former, StoreEntry serving, StoreEntry canary, Caller caller, CancellationToken cancellationToken)
    {
        var batch = new StoreBatch()
            .Check(canary.Key, canary.ModRevision)
            .Put(StoreKeys.OpenRollout(start.State.Rollout.Model), Write(start.State.Rollout), former?.RolloutRevision ?? StoreBatch.Absent)
            .Put(StoreKeys.Serving(start.State.Rollout.Model), Write(start.State.Serving), serving.ModRevision);
        if (former is not null)
        {
            Close(batch, WithoutWayBack(former.State.Rollout));
        }

        return CommitAsync(batch, start, caller, cancellationToken);
    }

    /// <summary>Writes a change.</summary>
    /// <returns>False when something changed meanwhile.</returns>
    public Task<bool> ChangeAsync(StoredRollout before, Transition change, Caller caller, CancellationToken cancellationToken)
    {
        var (rollout, serving) = change.State;
        var batch = new StoreBatch();
        if (rollout.IsClosed)
        {
            Close(batch.Delete(StoreKeys.OpenRollout(rollout.Model), before.RolloutRevision), rollout);
        }
        else
        {
            batch.Put(StoreKeys.OpenRollout(rollout.Model), Write(rollout), before.RolloutRevision);
        }

        if (ReferenceEquals(serving, before.State.Serving))
        {
            batch.Check(StoreKeys.Serving(rollout.Model), before.ServingRevision);
        }
        else
        {
            batch.Put(StoreKeys.Serving(rollout.Model), Write(serving), before.ServingRevision);
        }

        return CommitAsync(batch, change, caller, cancellationToken);
    }

    private async Task<bool> CommitAsync(StoreBatch batch, Transition change, Caller caller, CancellationToken cancellationToken)
    {
        var rollout = change.State.Rollout;
        batch.Append(StoreKeys.RolloutEvents(rollout.Id), JsonSerializer.SerializeToUtf8Bytes(change.Event, ContractsJson.Default.RolloutEvent));
        audit.Note(batch, caller, "rollout." + change.Event.What, rollout.Model, rollout.Canary, change.Event.Reason, change.Event.Figures);
        return (await store.CommitAsync(batch, cancellationToken)).Succeeded;
    }

    /// <summary>Adds to a batch that everything about a model's rollouts is deleted; none of them is open.</summary>
    public async Task DeleteAsync(StoreBatch batch, string model, CancellationToken cancellationToken)
    {
        foreach (var entry in (await store.ListAsync(StoreKeys.ClosedRollouts(model), cancellationToken)).Entries)
        {
            var id = Read(entry).Id;
            batch.Delete(entry.Key).DropLog(StoreKeys.RolloutEvents(id)).DropLog(StoreKeys.Evidence(id));
        }
    }

    /// <summary>Adds to a batch that a promoted rollout cannot be taken back any more.</summary>
    public static StoreBatch Finish(StoreBatch batch, StoredRollout promoted)
    {
        var rollout = promoted.State.Rollout;
        batch.Delete(StoreKeys.OpenRollout(rollout.Model), promoted.RolloutRevision);
        return Close(batch, WithoutWayBack(rollout));
    }

    private static Rollout WithoutWayBack(Rollout promoted) => promoted with { PreviousUntil = null, Generation = promoted.Generation + 1 };

    private static StoreBatch Close(StoreBatch batch, Rollout rollout) =>
        batch.Put(StoreKeys.ClosedRollout(rollout.Model, RolloutId.NumberOf(rollout.Id)), Write(rollout), StoreBatch.Absent);

    private static byte[] Write(Rollout rollout) => JsonSerializer.SerializeToUtf8Bytes(rollout, ContractsJson.Default.Rollout);

    private static byte[] Write(ServingState serving) => JsonSerializer.SerializeToUtf8Bytes(serving, ContractsJson.Default.ServingState);

    private static Rollout Read(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.Rollout)!;

    private static ServingState ReadServing(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ServingState)!;
}
