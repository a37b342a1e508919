using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Metrics;
using Sluice.Registry.Models;
using Sluice.Registry.Store;

namespace Sluice.Registry.Rollouts;

/// <summary>How a request about a rollout ended.</summary>
/// <param name="Rollout">The rollout now; null when there is none.</param>
/// <param name="Refusal">Why nothing was changed; null when it was, or when there was nothing to change.</param>
internal readonly record struct RolloutOutcome(Rollout? Rollout, Refusal? Refusal = null);

/// <summary>Why a rollout may not start.</summary>
/// <param name="Reason">In a sentence.</param>
/// <param name="Refusals">The gates and the signature that refuse it, each with figures; these an override can set aside.</param>
internal sealed record StartRefusal(string Reason, IReadOnlyList<string> Refusals);

/// <summary>What a start was decided on.</summary>
internal sealed record StartBasis(
    StoreEntry ServingEntry, ServingState Serving, StoredRollout? Former, StoreEntry CanaryEntry, ModelVersion Stable, ModelVersion Canary);

/// <summary>
/// The rollouts of this Registry: reads, lets the pure rules decide, writes by compare-and-set, and reads again when somebody else was faster. Several
/// processes may do so at once.
/// </summary>
internal sealed partial class Rollouts(
    IStore store, RolloutRecords records, ModelCatalog catalog, ClusterFactsReader facts, RegistryMetrics metrics, TimeProvider time,
    ILogger<Rollouts> logger)
{
    /// <summary>Starts a rollout.</summary>
    /// <param name="model">A model that exists.</param>
    /// <param name="wish">Version, reason, override, and the generation that the caller saw.</param>
    /// <param name="profile">The name of the plan's profile.</param>
    /// <param name="plan">A valid plan.</param>
    /// <param name="caller">Who.</param>
    /// <param name="cancellationToken">Ends it before it is written.</param>
    public async Task<(Rollout? Rollout, StartRefusal? Refusal)> StartAsync(
        string model, StartRollout wish, string profile, RolloutPlan plan, Caller caller, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (basis, refusal) = await PrepareAsync(model, wish, cancellationToken);
            if (refusal is not null && (basis is null || wish.Override is null))
            {
                return (null, refusal);
            }

            var refusals = refusal?.Refusals ?? [];
            var (servingEntry, serving, former, canaryEntry, stable, canary) = basis!;
            var reason = wish.Reason ?? $"Version {wish.Version} is to replace version {stable.Version}.";
            reason = refusals.Count == 0 ? reason : $"{reason} Started in spite of: {string.Join("; ", refusals)}. Override: {wish.Override}";
            var start = RolloutStart.Begin(
                serving, stable, canary, profile, plan, refusals.Count > 0 ? wish.Override : null, new Cause(caller.Name, reason, time.GetUtcNow()));
            if (await records.StartAsync(start, former, servingEntry, canaryEntry, caller, cancellationToken))
            {
                LogChanged(start.State.Rollout.Id, start.Event.What, RolloutPhase.Preparing, 0, Weight.None, caller.Name, reason);
                return (start.State.Rollout, null);
            }
        }
    }

    /// <summary>Why a rollout would not be started now; null when it would.</summary>
    public async Task<StartRefusal?> FindRefusalAsync(string model, StartRollout wish, CancellationToken cancellationToken) =>
        (await PrepareAsync(model, wish, cancellationToken)).Refusal;

    /// <summary>Carries out an order or a verdict.</summary>
    /// <param name="id">The rollout.</param>
    /// <param name="generation">The generation that the caller saw; null for whatever it is.</param>
    /// <param name="decide">The rule.</param>
    /// <param name="caller">Who.</param>
    /// <param name="cancellationToken">Ends it before it is written.</param>
    public async Task<RolloutOutcome> OrderAsync(
        string id, long? generation, Func<RolloutState, DateTimeOffset, CommandOutcome> decide, Caller caller, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = RolloutId.TryParse(id, out var model, out _) ? await records.FindOpenAsync(model, cancellationToken) : null;
            if (stored is null || stored.State.Rollout.Id != id)
            {
                var closed = await records.FindAsync(id, cancellationToken);
                return new(closed, closed is null ? null : new Refusal($"Rollout {id} is over: {closed.Phase}. {closed.Reason}"));
            }

            var rollout = stored.State.Rollout;
            if (generation is { } seen && seen != rollout.Generation)
            {
                return new(rollout, new Refusal($"generation: {seen} was given, rollout {id} is at {rollout.Generation}. Look at what changed and try again."));
            }

            var (transition, refusal) = decide(stored.State, time.GetUtcNow());
            if (transition is null)
            {
                return new(rollout, refusal);
            }

            if (await TryChangeAsync(stored, transition, caller, cancellationToken))
            {
                return new(transition.State.Rollout);
            }
        }
    }

    /// <summary>Lets time and the cluster have their effect on every open rollout.</summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        var open = await records.ListOpenAsync(cancellationToken);
        if (open.Count == 0)
        {
            return;
        }

        var factsOf = await facts.ReadAsync(cancellationToken);
        foreach (var rollout in open)
        {
            await TickAsync(rollout.Model, factsOf(rollout.Model), cancellationToken);
        }
    }

    // What a start rests on, without which there is none; and what refuses it, of which an override may set aside what is listed.
    private async Task<(StartBasis? Basis, StartRefusal? Refusal)> PrepareAsync(string model, StartRollout wish, CancellationToken cancellationToken)
    {
        var servingEntry = await store.GetAsync(StoreKeys.Serving(model), cancellationToken);
        var serving = servingEntry is null ? null : JsonSerializer.Deserialize(servingEntry.Value.Span, ContractsJson.Default.ServingState);
        var former = await records.FindOpenAsync(model, cancellationToken);
        var canaryEntry = await store.GetAsync(StoreKeys.Version(model, wish.Version), cancellationToken);
        var canary = canaryEntry is null ? null : ModelCatalog.ReadVersion(canaryEntry);
        var stable = serving?.Stable is { } number ? await catalog.FindVersionAsync(model, number, cancellationToken) : null;
        if (FindObstacle(model, wish, serving, former, stable, canary) is { } obstacle)
        {
            return (null, new StartRefusal(obstacle, []));
        }

        var refusals = await FindRefusalsAsync(model, stable!, canary!, cancellationToken);
        return (
            new StartBasis(servingEntry!, serving!, former, canaryEntry!, stable!, canary!),
            refusals.Count == 0 ? null : new StartRefusal($"Version {wish.Version} of {model} may not be rolled out: {string.Join("; ", refusals)}.", refusals));
    }

    // As far as it goes: a promotion of a version that is ready everywhere needs no second look. Bounded, should two rules ever disagree.
    private async Task TickAsync(string model, ClusterFacts facts, CancellationToken cancellationToken)
    {
        for (var moves = 0; moves < 10; moves++)
        {
            var stored = await records.FindOpenAsync(model, cancellationToken);
            var transition = stored is null ? null : RolloutTicks.Next(stored.State, facts, time.GetUtcNow());
            if (transition is null)
            {
                return;
            }

            await TryChangeAsync(stored!, transition, Caller.Registry, cancellationToken);
        }
    }

    private async Task<bool> TryChangeAsync(StoredRollout stored, Transition transition, Caller caller, CancellationToken cancellationToken)
    {
        if (!await records.ChangeAsync(stored, transition, caller, cancellationToken))
        {
            return false;
        }

        var rollout = transition.State.Rollout;
        LogChanged(rollout.Id, transition.Event.What, rollout.Phase, rollout.Step, rollout.Weight, caller.Name, transition.Event.Reason);
        if (rollout.Phase != stored.State.Rollout.Phase && rollout.IsDecided)
        {
            var result = rollout.Phase == RolloutPhase.Promoted ? RolloutResults.Promoted : RolloutResults.RolledBack;
            metrics.RolloutEnded(rollout.Model, result, rollout.EndedAt!.Value - rollout.StartedAt);
        }

        return true;
    }

    private static string? FindObstacle(
        string model, StartRollout wish, ServingState? serving, StoredRollout? former, ModelVersion? stable, ModelVersion? canary) =>
        canary is null ? $"version: there is no version {wish.Version} of {model}."
        : serving is null || stable is null ? $"No version of {model} is stable yet: make one stable first (PUT {ApiPaths.Serving.Replace("{model}", model, StringComparison.Ordinal)})."
        : wish.Generation is { } seen && seen != serving.Generation ? $"generation: {seen} was given, {model} is at {serving.Generation}. Look at what changed and try again."
        : former is { State.Rollout: { IsDecided: false } open } ? $"Rollout {open.Id} of {model} to version {open.Canary} is {open.Phase}: let it end, or roll it back, first."
        : stable.Version == canary.Version ? $"version: version {canary.Version} of {model} is stable already."
        : null;

    private async Task<List<string>> FindRefusalsAsync(string model, ModelVersion stable, ModelVersion canary, CancellationToken cancellationToken)
    {
        var view = await catalog.FindModelAsync(model, cancellationToken);
        var refusals = GateCheck.Refusals(view?.Gates ?? [], canary.Metrics, stable.Metrics).ToList();
        if (SignatureCompatibility.FindProblem(stable.Signature, canary.Signature) is { } problem)
        {
            refusals.Add("signature: " + problem);
        }

        var replicas = (await facts.ReadAsync(cancellationToken))(model).Replicas;
        if (!replicas.Any(replica => replica.HasReady(stable.Version)))
        {
            refusals.Add($"stable: version {stable.Version} is ready on no replica, so there is nothing to compare with and nothing to go back to");
        }

        return refusals;
    }

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: {What}; {Phase}, step {Step}, {Weight}; by {Actor}: {Reason}")]
    private partial void LogChanged(string id, string what, RolloutPhase phase, int step, Weight weight, string actor, string reason);
}
