using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>
/// One look at every open rollout: measure (source and windows), record (the evidence log), decide (<see cref="Judge"/>), propose. What is folded in memory is
/// what the log says; on any doubt it is thrown away and read again.
/// </summary>
internal sealed partial class JudgeRound(
    RegistryClient registry, IMetricsSource source, Openings openings, CaseFile file, JudgeLease lease, Endings endings, JudgeMetrics metrics, ILogger<JudgeRound> logger)
{
    private readonly Dictionary<string, Case> _cases = new(StringComparer.Ordinal);

    /// <summary>Looks at every rollout that is to be judged, if this judge is the one.</summary>
    /// <param name="state">What the watch says.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HttpRequestException">The Registry did not say whose the lease is.</exception>
    public async Task TickAsync(ClusterState state, CancellationToken cancellationToken)
    {
        if (!await lease.HoldAsync(cancellationToken))
        {
            _cases.Clear();
            endings.Forget();
            metrics.ForgetAll();
            return;
        }

        var open = state.Rollouts.Values.Where(rollout => !rollout.IsDecided && rollout.Plan.Analysis.Rule != AnalysisRule.None).ToArray();
        foreach (var ended in _cases.Values.Select(known => known.Rollout).Where(known => open.All(rollout => rollout.Id != known.Id)).ToArray())
        {
            _cases.Remove(ended.Id);
            metrics.Forget(ended.Model);
        }

        var replicas = open.Length > 0 ? await ListReplicasAsync(cancellationToken) : [];
        foreach (var rollout in open)
        {
            await TryLookAsync(rollout, state, replicas, cancellationToken);
        }

        await endings.LookAsync(state, cancellationToken);
    }

    private async Task TryLookAsync(Rollout rollout, ClusterState state, IReadOnlyList<ReplicaView> replicas, CancellationToken cancellationToken)
    {
        try
        {
            if (await LookAsync(rollout, state, replicas, cancellationToken) is { } current)
            {
                _cases[rollout.Id] = current;
            }
            else
            {
                _cases.Remove(rollout.Id);
                LogOvertaken(rollout.Id);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whether something was written is not known; the log knows.
            _cases.Remove(rollout.Id);
            LogLookFailed(rollout.Id, exception.Message);
        }
    }

    // The case after the look; null when the log is not as was thought.
    private async Task<Case?> LookAsync(Rollout rollout, ClusterState state, IReadOnlyList<ReplicaView> replicas, CancellationToken cancellationToken)
    {
        var current = _cases.TryGetValue(rollout.Id, out var known)
            ? await file.FollowAsync(known, rollout, cancellationToken)
            : await file.ReadAsync(rollout, cancellationToken);
        if (current.Rollout.IsDecided)
        {
            return current; // the watch is yet to tell of it
        }

        IReadOnlyList<GatewayStatus> gateways = [.. state.Gateways.Values.OrderBy(gateway => gateway.Id, StringComparer.Ordinal)];
        if (current.Opening is null)
        {
            var isSticky = state.Serving.GetValueOrDefault(rollout.Model)?.Stickiness is { Kind: not StickinessKind.None };
            if (await openings.MakeAsync(current.Rollout, isSticky, gateways, cancellationToken) is not { } opening)
            {
                return current;
            }

            if (await file.AppendAsync(current, new LogEntry(opening), cancellationToken) is not { } opened)
            {
                return null;
            }

            current = opened;
        }

        var query = Looking.Query(current, gateways);
        var looks = Looking.Of(current, query, await source.ReadAsync(query, cancellationToken), replicas);
        if (known is null && looks.All(look => look is { Windows.Count: 0, Blind: null }))
        {
            return current; // a source that begins with this judge needs a second sample; that nobody looked before is no reason to go back
        }

        foreach (var look in looks)
        {
            if (await file.AppendAsync(current, new LogEntry(Look: look), cancellationToken) is not { } next)
            {
                return null;
            }

            current = next;
        }

        return looks.Count > 0 ? await DecideAsync(current, gateways, cancellationToken) : current;
    }

    // For the record: without them nothing is missing.
    private async Task<IReadOnlyList<ReplicaView>> ListReplicasAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await registry.ListReplicasAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoLoads(exception.Message);
            return [];
        }
    }

    private async Task<Case> DecideAsync(Case current, IReadOnlyList<GatewayStatus> gateways, CancellationToken cancellationToken)
    {
        var (id, judgement) = (current.Rollout.Id, Judge.Decide(current.Opening!, current.Timeline, current.Evidence));
        metrics.Judged(current.Rollout.Model, judgement, current.Evidence.LastSeen);
        if (Proposals.Of(current.Rollout, judgement) is not { } proposal)
        {
            return current;
        }

        if (judgement.Verdict == Verdict.Advance && Lagging(current.Rollout, gateways) is { } gateway)
        {
            LogWeightNotInForce(id, gateway, current.Rollout.Weight);
            return current;
        }

        if (await registry.ProposeAsync(id, proposal, cancellationToken) is { } changed)
        {
            LogProposed(id, judgement.Verdict, proposal.Reason);
            return await file.FollowAsync(current, changed, cancellationToken);
        }

        // It is not as it was when this was decided: the next look decides anew.
        LogRefused(id, judgement.Verdict);
        return await registry.FindRolloutAsync(id, cancellationToken) is { } now ? await file.FollowAsync(current, now, cancellationToken) : current;
    }

    // A weight is set when every gateway says that it routes by it; not when the Registry wrote it.
    private static string? Lagging(Rollout rollout, IReadOnlyList<GatewayStatus> gateways) => gateways
        .FirstOrDefault(gateway => gateway.Routes.FirstOrDefault(route => route.Model == rollout.Model)?.CanaryWeight != rollout.Weight)?.Id;

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: {Verdict} proposed. {Reason}")]
    private partial void LogProposed(string id, Verdict verdict, string reason);

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: {Verdict} was refused, as the rollout has changed meanwhile; it is looked at anew")]
    private partial void LogRefused(string id, Verdict verdict);

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: gateway {Gateway} does not route by {Weight} yet; the step is not left before it does")]
    private partial void LogWeightNotInForce(string id, string gateway, Weight weight);

    [LoggerMessage(LogLevel.Debug, "How busy the replicas are was not told. {Reason}")]
    private partial void LogNoLoads(string reason);

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: somebody else has written to the evidence log; it is read again")]
    private partial void LogOvertaken(string id);

    [LoggerMessage(LogLevel.Warning, "Rollout {Id} could not be looked at; it is read again with the next look. {Reason}")]
    private partial void LogLookFailed(string id, string reason);
}
