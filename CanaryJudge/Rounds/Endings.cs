using System.Globalization;
using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Windows;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>
/// Sees to it that a canary that was rolled back gets no requests any more: a rollback is done when its counters stand still, not when it was ordered. Whatever
/// call is lost is made again with the next look, and a judge that takes over begins with the newest rollout of every model.
/// </summary>
internal sealed partial class Endings(RegistryClient registry, IMetricsSource source, TimeProvider time, ILogger<Endings> logger)
{
    private const int MostQuestions = 16; // of one look: a judge that takes over a thousand models must look at the open rollouts, too

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(15);

    private readonly HashSet<string> _followed = new(StringComparer.Ordinal); // open when last looked
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal); // how, is to be asked
    private readonly Dictionary<string, (Rollout Rollout, DateTimeOffset Since)> _rolledBack = new(StringComparer.Ordinal);
    private bool _hasBegun;

    /// <summary>Another judge sees to it.</summary>
    public void Forget()
    {
        _followed.Clear();
        _ended.Clear();
        _rolledBack.Clear();
        _hasBegun = false;
    }

    /// <summary>Looks at those that were rolled back lately.</summary>
    public async Task LookAsync(ClusterState state, CancellationToken cancellationToken)
    {
        Follow(state);
        foreach (var id in _ended.Take(MostQuestions).ToArray())
        {
            if (!await TryAskAsync(id, cancellationToken))
            {
                break;
            }
        }

        foreach (var (id, (rollout, since)) in _rolledBack.ToArray())
        {
            if (state.Rollouts.ContainsKey(rollout.Model) || await IsDoneAsync(rollout, since, state, cancellationToken))
            {
                _rolledBack.Remove(id);
            }
        }
    }

    // By what the watch tells, and not by what was judged: a rollout may end while no look at it succeeds, and one that was promoted may be taken back.
    private void Follow(ClusterState state)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            _ended.UnionWith(state.Serving.Values.Where(serving => serving.LastRollout > 0 && !state.Rollouts.ContainsKey(serving.Model)).Select(IdOfLast));
        }

        var open = state.Rollouts.Values.Where(rollout => rollout.Plan.Analysis.Rule != AnalysisRule.None).Select(rollout => rollout.Id).ToHashSet(StringComparer.Ordinal);
        _ended.UnionWith(_followed.Except(open));
        _followed.Clear();
        _followed.UnionWith(open);
    }

    private async Task<bool> TryAskAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var now = time.GetUtcNow();
            if (await registry.FindRolloutAsync(id, cancellationToken) is { Phase: RolloutPhase.RolledBack, Plan.Analysis.Rule: not AnalysisRule.None } rollout && now - EndOf(rollout) < Lately)
            {
                _rolledBack[id] = (rollout, now);
            }

            _ended.Remove(id);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotAsked(id, exception.Message);
            return false;
        }
    }

    private async Task<bool> IsDoneAsync(Rollout rollout, DateTimeOffset watchedSince, ClusterState state, CancellationToken cancellationToken)
    {
        var ended = EndOf(rollout);
        var query = new MetricsQuery(rollout.Model, rollout.Stable, rollout.Canary, ended, [.. state.Gateways.Values]);
        var reading = await source.ReadAsync(query, cancellationToken);
        var last = WindowBuilder.Build(reading, query, _ => null).Where(window => window.From >= ended).GroupBy(window => window.Gateway).Select(gateway => gateway.Last()).ToArray();
        var now = time.GetUtcNow();
        if (reading.Missing.Count == 0 && last.Length > 0 && last.Length == query.Gateways.Count && last.All(window => window.Canary.Routed == 0))
        {
            LogStandsStill(rollout.Id, rollout.Canary, rollout.Model, (now - ended).TotalSeconds);
            return true;
        }

        if (now - watchedSince <= Patience)
        {
            return false;
        }

        LogGoesOn(rollout.Id, rollout.Canary, rollout.Model, last.Sum(window => window.Canary.Routed), (now - ended).TotalSeconds);
        return true;
    }

    private static DateTimeOffset EndOf(Rollout rollout) => rollout.EndedAt ?? rollout.PhaseSince;

    private static string IdOfLast(ServingState serving) => string.Create(CultureInfo.InvariantCulture, $"{serving.Model}.{serving.LastRollout}");

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: the requests of version {Version} of {Model} stand still, {Seconds:0} s after the rollback")]
    private partial void LogStandsStill(string id, int version, string model, double seconds);

    [LoggerMessage(LogLevel.Warning, "Rollout {Id}: version {Version} of {Model} got {Count} requests in the last window, {Seconds:0} s after the rollback, or not all gateways could be read. Do callers ask for it by its number?")]
    private partial void LogGoesOn(string id, int version, string model, long count, double seconds);

    [LoggerMessage(LogLevel.Debug, "How rollout {Id} ended could not be asked; it is asked again with the next look. {Reason}")]
    private partial void LogNotAsked(string id, string reason);
}
