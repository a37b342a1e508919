using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>Reads and extends what the Registry keeps of a case.</summary>
internal sealed class CaseFile(RegistryClient registry)
{
    /// <summary>Reads a case from its start: a restarted judge knows what the former one knew.</summary>
    /// <exception cref="HttpRequestException">The Registry did not answer.</exception>
    /// <exception cref="JsonException">An entry of the log is not of its form.</exception>
    public async Task<Case> ReadAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        // The events last: none is missing then that an entry rests on.
        var entries = new List<LogEntry>();
        while (true)
        {
            var page = await registry.ReadEvidenceAsync(rollout.Id, entries.Count, cancellationToken);
            entries.AddRange(page.Entries.Select(entry => entry.Entry.Deserialize(JudgingJson.Default.LogEntry) ?? throw new JsonException("An entry of the evidence log is null.")));
            if (page.Entries.Count == 0 || entries.Count >= page.Last)
            {
                break;
            }
        }

        return entries.Aggregate(Case.Of(rollout, await TimelineAsync(rollout.Id, cancellationToken)), (read, entry) => read.With(entry));
    }

    /// <summary>The case with the rollout as it is now, and its events.</summary>
    /// <exception cref="HttpRequestException">The Registry did not answer.</exception>
    public async Task<Case> FollowAsync(Case former, Rollout rollout, CancellationToken cancellationToken) => rollout.Generation <= former.Rollout.Generation
        ? former
        : former with { Rollout = rollout, Timeline = await TimelineAsync(rollout.Id, cancellationToken) };

    /// <summary>Appends to the log, and to the case.</summary>
    /// <returns>Null when the log has another length than was thought: the case has to be read again.</returns>
    /// <exception cref="HttpRequestException">Whether it was appended is not known: the case has to be read again.</exception>
    public async Task<Case?> AppendAsync(Case former, LogEntry entry, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToElement(entry, JudgingJson.Default.LogEntry);
        return await registry.AppendEvidenceAsync(former.Rollout.Id, new EvidenceAppend { After = former.Entries, Entries = [json] }, cancellationToken)
            ? former.With(entry)
            : null;
    }

    private async Task<Timeline> TimelineAsync(string id, CancellationToken cancellationToken) => Timeline.Of(await registry.ReadRolloutEventsAsync(id, cancellationToken));
}
