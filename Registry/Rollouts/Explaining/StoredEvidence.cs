using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Registry.Store;

namespace Sluice.Registry.Rollouts.Explaining;

/// <summary>What the judge wrote of a rollout.</summary>
/// <param name="Opening">Null when it has not begun.</param>
/// <param name="Looks">In their order.</param>
internal sealed record StoredEvidence(Opening? Opening, IReadOnlyList<Look> Looks);

/// <summary>Reads evidence logs. The judge may write whatever JSON it likes into them; what is not of the library's form cannot be explained.</summary>
internal sealed class EvidenceReader(IStore store)
{
    private const int PageSize = 64;
    private const long LongestLog = 64 * 1024 * 1024;

    /// <summary>The evidence on a rollout, or what keeps it from being read, in a sentence.</summary>
    public async Task<(StoredEvidence? Evidence, string? Problem)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var (log, bytes, after) = (new Log(), 0L, 0L);
        while (true)
        {
            var page = await store.ReadLogAsync(StoreKeys.Evidence(id), after, PageSize, cancellationToken);
            foreach (var entry in page.Entries)
            {
                if ((bytes += entry.Value.Length) > LongestLog)
                {
                    return (null, $"The evidence on rollout {id} is longer than {LongestLog >> 20} MiB: too long to be recomputed here. GET …/evidence has it.");
                }

                if (log.Add(entry.Value.Span) is { } problem)
                {
                    return (null, $"Entry {entry.Number} of the evidence on rollout {id} is not of the judge's form: {problem}.");
                }

                after = entry.Number;
            }

            if (page.Entries.Count < PageSize)
            {
                return (new StoredEvidence(log.Opening, log.Looks), null);
            }
        }
    }

    /// <summary>The newest looks at a model, from whichever of its rollouts has any; empty when none has.</summary>
    /// <param name="rollouts">The model's, newest first.</param>
    /// <param name="most">How many looks at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<Look>> ReadLatestAsync(IEnumerable<Rollout> rollouts, int most, CancellationToken cancellationToken)
    {
        foreach (var id in rollouts.Select(rollout => rollout.Id))
        {
            var last = (await store.ReadLogAsync(StoreKeys.Evidence(id), long.MaxValue, 1, cancellationToken)).Last;
            var log = new Log(isTail: true);
            foreach (var entry in last == 0 ? [] : (await store.ReadLogAsync(StoreKeys.Evidence(id), Math.Max(last - most, 1), most, cancellationToken)).Entries)
            {
                log.Add(entry.Value.Span); // what cannot be read is passed over: this is no verdict
            }

            if (log.Looks.Any(look => look.Windows.Count > 0))
            {
                return log.Looks;
            }
        }

        return [];
    }

    private sealed class Log(bool isTail = false)
    {
        private bool _begun = isTail;

        public Opening? Opening { get; private set; }

        public List<Look> Looks { get; } = [];

        /// <summary>Adds an entry; what is wrong with it, if anything.</summary>
        public string? Add(ReadOnlySpan<byte> json)
        {
            Judging.LogEntry? entry;
            try
            {
                entry = JsonSerializer.Deserialize(json, JudgingJson.Default.LogEntry);
            }
            catch (JsonException exception)
            {
                return exception.Path is { Length: > 1 } path ? $"{path.TrimStart('$', '.')} is not as expected" : "something is missing, or no JSON of it";
            }

            return (entry, _begun) switch
            {
                ({ Opening: { } opening, Look: null }, false) => LogRules.FindProblem(opening) ?? Begin(opening),
                ({ Opening: null, Look: { } look }, true) => LogRules.FindProblem(look, Looks.LastOrDefault()) ?? Append(look),
                _ => "an opening is expected first, and looks from then on",
            };
        }

        private string? Begin(Opening opening)
        {
            (Opening, _begun) = (opening, true);
            return null;
        }

        private string? Append(Look look)
        {
            Looks.Add(look);
            return null;
        }
    }
}
