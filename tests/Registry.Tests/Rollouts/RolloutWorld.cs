using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Rollouts;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>A small world for the rollout rules: a model, replicas that load what they are assigned when they are told to, a clock, and no I/O.</summary>
internal sealed class RolloutWorld
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What the model's callers are known by: no rollout changes it.</summary>
    public static readonly Stickiness Sticky = new(StickinessKind.Header, "x-user");

    private readonly Dictionary<string, Dictionary<int, VersionState>> _held = [];
    private readonly Dictionary<string, (string Pool, int Capacity)> _replicas = [];

    public RolloutWorld()
    {
        AddReplica("s1", Pools.Stable, 4);
        AddReplica("s2", Pools.Stable, 4);
        AddReplica("c1", Pools.Canary, 4);
        _held["s1"][1] = _held["s2"][1] = VersionState.Ready;
    }

    public DateTimeOffset Now { get; private set; } = Start;

    public int? Peak { get; set; } = 4;

    /// <summary>The state; a rollout is under way or over.</summary>
    public RolloutState State { get; private set; } = null!;

    public Rollout Rollout => State.Rollout;

    public ServingState Serving { get; private set; } = new()
    {
        Model = "m", Generation = 1, Stable = 1, Assignments = [new(Pools.Stable, 1)], Stickiness = Sticky,
    };

    /// <summary>Told of every change, before and after.</summary>
    public Action<RolloutState, Transition, ClusterFacts>? Changed { get; set; }

    public ClusterFacts Facts => new(
        [
            .. _replicas.Select(replica => new ReplicaFacts(
                replica.Key, replica.Value.Pool, replica.Value.Capacity,
                [.. _held[replica.Key].Select(held => new ReplicaVersion("m", held.Key, "sha256:" + new string('0', 64), held.Value, held.Value == VersionState.Failed ? "out of memory" : null))])),
        ],
        Peak, HasJudge);

    /// <summary>Whether a judge is at work.</summary>
    public bool HasJudge { get; set; }

    public void AddReplica(string id, string pool, int capacity)
    {
        _replicas[id] = (pool, capacity);
        _held.TryAdd(id, []);
    }

    public void RemoveReplica(string id)
    {
        _replicas.Remove(id);
        _held.Remove(id);
    }

    public IEnumerable<string> Replicas => _replicas.Keys;

    public void Pass(double seconds) => Now = Now.AddSeconds(seconds);

    public void Begin(int version, RolloutPlan plan) =>
        Take(null, RolloutStart.Begin(Serving, Version(Serving.Stable!.Value), Version(version), "test", plan, null, Cause("a test starts it")));

    /// <summary>A replica makes its own what it is assigned.</summary>
    public void Settle(string id, VersionState state = VersionState.Ready)
    {
        var assigned = Serving.Assignments.Where(assignment => assignment.Pool == _replicas[id].Pool).Select(assignment => assignment.Version).ToHashSet();
        foreach (var gone in _held[id].Keys.Except(assigned).ToList())
        {
            _held[id].Remove(gone);
        }

        foreach (var version in assigned.Where(version => !_held[id].ContainsKey(version) || version == Rollout.Canary))
        {
            _held[id][version] = state;
        }
    }

    public void SettleAll() => _replicas.Keys.ToList().ForEach(id => Settle(id));

    /// <summary>Time and cluster have their effect, as far as it goes.</summary>
    public void Tick()
    {
        for (var moves = 0; RolloutTicks.Next(State, Facts, Now) is { } transition; moves++)
        {
            Assert.True(moves < 20, $"The rules do not come to rest: {transition.Event.What}");
            Take(State, transition);
        }
    }

    /// <summary>An order or verdict, refused when it names another generation than the rollout's, as the Registry does.</summary>
    public Refusal? Order(Func<RolloutState, Cause, CommandOutcome> rule, long? generation = null)
    {
        if (generation is { } seen && seen != Rollout.Generation)
        {
            return new Refusal("stale");
        }

        var (transition, refusal) = rule(State, Cause("a test orders it"));
        if (transition is not null)
        {
            Take(State, transition);
        }

        return refusal;
    }

    public Refusal? Judge(Verdict verdict, HoldKind? hold = null, long? generation = null) => Order(
        (state, cause) => RolloutOrders.Judge(
            state, new VerdictProposal { Generation = generation ?? state.Rollout.Generation, Verdict = verdict, Reason = "a judge says so", Hold = hold }, cause),
        generation);

    /// <summary>The Registry forgets everything but its store.</summary>
    public void Restart()
    {
        var rollout = JsonSerializer.SerializeToUtf8Bytes(Rollout, ContractsJson.Default.Rollout);
        var serving = JsonSerializer.SerializeToUtf8Bytes(Serving, ContractsJson.Default.ServingState);
        Serving = JsonSerializer.Deserialize(serving, ContractsJson.Default.ServingState)!;
        State = new RolloutState(JsonSerializer.Deserialize(rollout, ContractsJson.Default.Rollout)!, Serving);
    }

    private void Take(RolloutState? before, Transition transition)
    {
        if (before is not null)
        {
            Changed?.Invoke(before, transition, Facts);
        }

        State = transition.State;
        Serving = State.Serving;
    }

    private Cause Cause(string reason) => new("test", reason, Now);

    private static ModelVersion Version(int number) => new()
    {
        Model = "m", Version = number, Digest = "sha256:" + new string('0', 64), ModelPath = "model.onnx", Files = [],
        Signature = new ModelSignature([], []), Opset = 17, CreatedAt = Start,
    };
}
