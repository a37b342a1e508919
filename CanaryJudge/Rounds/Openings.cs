using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>Makes the first entry of a rollout's evidence log: its settings, and what stable was like in the hour before, where the source knows the past.</summary>
internal sealed partial class Openings(IMetricsSource source, ILogger<Openings> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The opening; null when it is to be asked for again with the next look, since it is written once and for all.</summary>
    public async Task<Opening?> MakeAsync(Rollout rollout, bool isSticky, IReadOnlyList<GatewayStatus> gateways, CancellationToken cancellationToken)
    {
        if (!source.KnowsPast)
        {
            return Opening.Of(rollout, isSticky);
        }

        var query = Looking.BeforeQuery(rollout, gateways);
        var reading = await source.ReadAsync(query, cancellationToken);
        if (reading.Blind is not { } blind)
        {
            return Opening.Of(rollout, isSticky, Looking.Before(rollout, query, reading));
        }

        if (rollout.Weight == Weight.None && reading.At - rollout.StartedAt < Patience)
        {
            return null;
        }

        LogNoBaseline(rollout.Id, blind);
        return Opening.Of(rollout, isSticky);
    }

    [LoggerMessage(LogLevel.Warning, "Rollout {Id}: what stable was like in the hour before is not known; its windows from now on serve instead, and evidence is not tempered. {Reason}")]
    private partial void LogNoBaseline(string id, string reason);
}
