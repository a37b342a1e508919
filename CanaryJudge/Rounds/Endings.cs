using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Windows;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>Sees to it that a canary that was rolled back gets no requests any more: a rollback is done when its counters stand still, not when it was ordered.</summary>
internal sealed partial class Endings(RegistryClient registry, IMetricsSource source, TimeProvider time, ILogger<Endings> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Rollout> _rolledBack = new(StringComparer.Ordinal);

    /// <summary>A rollout has ended. One that was promoted needs no looking after.</summary>
    public async Task AddAsync(string id, CancellationToken cancellationToken)
    {
        if (await registry.FindRolloutAsync(id, cancellationToken) is { Phase: RolloutPhase.RolledBack } rollout)
        {
            _rolledBack[id] = rollout;
        }
    }

    /// <summary>Looks at those that were rolled back lately.</summary>
    public async Task LookAsync(ClusterState state, CancellationToken cancellationToken)
    {
        foreach (var rollout in _rolledBack.Values.ToArray())
        {
            if (state.Rollouts.ContainsKey(rollout.Model) || await IsDoneAsync(rollout, state, cancellationToken))
            {
                _rolledBack.Remove(rollout.Id);
            }
        }
    }

    private async Task<bool> IsDoneAsync(Rollout rollout, ClusterState state, CancellationToken cancellationToken)
    {
        var ended = rollout.EndedAt ?? rollout.PhaseSince;
        var query = new MetricsQuery(rollout.Model, rollout.Stable, rollout.Canary, ended, [.. state.Gateways.Values]);
        var reading = await source.ReadAsync(query, cancellationToken);
        var last = WindowBuilder.Build(reading, query, _ => null).Where(window => window.From >= ended).GroupBy(window => window.Gateway).Select(gateway => gateway.Last()).ToArray();
        var since = time.GetUtcNow() - ended;
        if (reading.Missing.Count == 0 && last.Length > 0 && last.Length == query.Gateways.Count && last.All(window => window.Canary.Routed == 0))
        {
            LogStandsStill(rollout.Id, rollout.Canary, rollout.Model, since.TotalSeconds);
            return true;
        }

        if (since <= Patience)
        {
            return false;
        }

        LogGoesOn(rollout.Id, rollout.Canary, rollout.Model, last.Sum(window => window.Canary.Routed), since.TotalSeconds);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: the requests of version {Version} of {Model} stand still, {Seconds:0} s after the rollback")]
    private partial void LogStandsStill(string id, int version, string model, double seconds);

    [LoggerMessage(LogLevel.Warning, "Rollout {Id}: version {Version} of {Model} got {Count} requests in the last window, {Seconds:0} s after the rollback, or not all gateways could be read. Do callers ask for it by its number?")]
    private partial void LogGoesOn(string id, int version, string model, long count, double seconds);
}
