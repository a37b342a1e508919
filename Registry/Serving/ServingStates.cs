using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Rollouts;
using Sluice.Registry.Store;

namespace Sluice.Registry.Serving;

/// <summary>How a command to a serving state ended.</summary>
/// <param name="State">The state now; null when there is none.</param>
/// <param name="IsStale">Whether it was refused because the state is of another generation than the one named.</param>
/// <param name="IsUnknown">Whether it was refused because there is no such version.</param>
/// <param name="Rollout">The rollout under way for which it was refused; null when it was not.</param>
internal readonly record struct ServingOutcome(ServingState? State, bool IsStale = false, bool IsUnknown = false, Rollout? Rollout = null);

/// <summary>The desired states in the store.</summary>
internal sealed partial class ServingStates(IStore store, RolloutRecords rollouts, AuditLog audit, ILogger<ServingStates> logger)
{
    /// <summary>All states by model name.</summary>
    public async Task<IReadOnlyList<ServingState>> ListAsync(CancellationToken cancellationToken)
    {
        var listing = await store.ListAsync(StoreKeys.AllServing, cancellationToken);
        return [.. listing.Entries.Select(Read)];
    }

    /// <summary>One state; null when the model has none yet.</summary>
    public async Task<ServingState?> FindAsync(string model, CancellationToken cancellationToken) =>
        await store.GetAsync(StoreKeys.Serving(model), cancellationToken) is { } entry ? Read(entry) : null;

    /// <summary>Makes a version stable.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="generation">The generation that the caller saw (0: none), so that he does not undo what he has not seen; null for whatever it is.</param>
    /// <param name="caller">Who, for the audit log.</param>
    /// <param name="cancellationToken">Ends it before it is written.</param>
    /// <param name="stickiness">Which callers stay on one version from now on; null leaves that as it is.</param>
    public async Task<ServingOutcome> SetStableAsync(
        string model, int version, long? generation, Caller caller, CancellationToken cancellationToken, Stickiness? stickiness = null)
    {
        var key = StoreKeys.Serving(model);
        var versionKey = StoreKeys.Version(model, version);
        while (true)
        {
            var versionEntry = await store.GetAsync(versionKey, cancellationToken);
            var entry = await store.GetAsync(key, cancellationToken);
            var current = entry is null ? null : Read(entry);
            if (generation is { } seen && seen != (current?.Generation ?? 0))
            {
                return new ServingOutcome(current, IsStale: true);
            }

            if (versionEntry is null)
            {
                return new ServingOutcome(current, IsUnknown: true);
            }

            var open = current?.Rollout is null ? null : await rollouts.FindOpenAsync(model, cancellationToken);
            if (open is { State.Rollout: { IsDecided: false } underWay })
            {
                return new ServingOutcome(current, Rollout: underWay);
            }

            var next = StableVersion.Stick(StableVersion.Set(current, model, version), current, stickiness);
            if (ReferenceEquals(next, current))
            {
                return new ServingOutcome(current);
            }

            // The version is part of the batch: it may be deleted until it serves, and not after.
            var batch = new StoreBatch()
                .Put(key, JsonSerializer.SerializeToUtf8Bytes(next, ContractsJson.Default.ServingState), entry?.ModRevision ?? StoreBatch.Absent)
                .Check(versionKey, versionEntry.ModRevision);
            if (open is not null && next.Rollout is null)
            {
                RolloutRecords.Finish(batch, open); // another version serves: the way back of the promoted one is over
            }

            audit.Note(batch, caller, "serving.set", model, version, StableVersion.Describe(stickiness));
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                LogStable(model, version, next.Previous?.ToString(CultureInfo.InvariantCulture) ?? "none", next.Generation);
                return new ServingOutcome(next);
            }
        }
    }

    /// <summary>Lets a model be served no more.</summary>
    /// <param name="model">The model.</param>
    /// <param name="generation">The generation that the caller saw; null for whatever it is.</param>
    /// <param name="caller">Who, for the audit log.</param>
    /// <param name="cancellationToken">Ends it before it is written.</param>
    public async Task<ServingOutcome> StopAsync(string model, long? generation, Caller caller, CancellationToken cancellationToken)
    {
        while (await store.GetAsync(StoreKeys.Serving(model), cancellationToken) is { } entry)
        {
            var current = Read(entry);
            if (generation is { } seen && seen != current.Generation)
            {
                return new ServingOutcome(current, IsStale: true);
            }

            var open = current.Rollout is null ? null : await rollouts.FindOpenAsync(model, cancellationToken);
            if (open is { State.Rollout: { IsDecided: false } underWay })
            {
                return new ServingOutcome(current, Rollout: underWay);
            }

            var next = StableVersion.Clear(current);
            if (ReferenceEquals(next, current))
            {
                return new ServingOutcome(current);
            }

            // The state stays, with its generation: a command on an older one must not pass for one on a new model.
            var batch = new StoreBatch().Put(entry.Key, JsonSerializer.SerializeToUtf8Bytes(next, ContractsJson.Default.ServingState), entry.ModRevision);
            if (open is not null)
            {
                RolloutRecords.Finish(batch, open);
            }

            audit.Note(batch, caller, "serving.stop", model, current.Stable);
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                LogStopped(model, next.Generation);
                return new ServingOutcome(next);
            }
        }

        return default;
    }

    private static ServingState Read(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ServingState)!;

    [LoggerMessage(LogLevel.Information, "Version {Version} of {Model} is stable now; it was {Previous}; generation {Generation}")]
    private partial void LogStable(string model, int version, string previous, long generation);

    [LoggerMessage(LogLevel.Information, "{Model} is served no more; generation {Generation}")]
    private partial void LogStopped(string model, long generation);
}
