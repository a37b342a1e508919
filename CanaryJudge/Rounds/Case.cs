using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>
/// What the judge knows of a rollout: nothing but what its event log and evidence log say, folded. It can be thrown away at any time and read again, with the
/// same figures.
/// </summary>
/// <param name="Rollout">The newest that was seen.</param>
/// <param name="Opening">The log's first entry; null while it has none.</param>
/// <param name="Timeline">The rollout's events.</param>
/// <param name="Evidence">The looks, folded.</param>
/// <param name="Entries">Length of the evidence log.</param>
internal sealed record Case(Rollout Rollout, Opening? Opening, Timeline Timeline, Evidence Evidence, long Entries)
{
    /// <summary>Up to when each gateway's windows are in the log.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> FoldedTo { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>A case of which nothing is in the evidence log yet.</summary>
    public static Case Of(Rollout rollout, Timeline timeline) => new(rollout, null, timeline, new Evidence(), 0);

    /// <summary>The time of the newest event, by the Registry's clock: no look may seem to be earlier than what it is about.</summary>
    public DateTimeOffset LastEvent => Timeline.Events.LastOrDefault(item => item.Generation <= Rollout.Generation)?.At ?? Rollout.StartedAt;

    /// <summary>With one more entry of the log.</summary>
    /// <exception cref="ArgumentException">The opening has a setting that is not as it must be.</exception>
    public Case With(LogEntry entry) => (Opening, entry) switch
    {
        (null, { Opening: { } opening }) => this with { Opening = opening, Evidence = Judge.Begin(opening), Entries = Entries + 1 },
        ({ } opening, { Look: { } look }) => this with
        {
            Evidence = Judge.Fold(opening, Timeline, Evidence, look),
            Entries = Entries + 1,
            FoldedTo = Advance(FoldedTo, look.Windows),
        },
        _ => this with { Entries = Entries + 1 }, // what a newer judge may have written there
    };

    private static Dictionary<string, DateTimeOffset> Advance(IReadOnlyDictionary<string, DateTimeOffset> former, IReadOnlyList<EvidenceWindow> windows)
    {
        var next = new Dictionary<string, DateTimeOffset>(former, StringComparer.Ordinal);
        foreach (var window in windows)
        {
            next[window.Gateway] = next.TryGetValue(window.Gateway, out var to) && to > window.To ? to : window.To;
        }

        return next;
    }
}
