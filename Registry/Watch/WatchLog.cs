using System.Collections.Immutable;

namespace Sluice.Registry.Watch;

/// <summary>The latest revisions as frames. Immutable: a reader holds on to one and sees no change.</summary>
/// <param name="First">The revision after which the frames begin.</param>
/// <param name="Frames">One a revision, without gaps.</param>
/// <param name="Beat">Counts heartbeats.</param>
internal sealed record WatchLog(long First, ImmutableList<WatchFrame> Frames, long Beat)
{
    /// <summary>The newest revision.</summary>
    public long Revision => First + Frames.Count;

    /// <summary>A log that begins after a revision.</summary>
    public static WatchLog After(long revision) => new(revision, [], 0);

    /// <summary>With one more frame, and without the oldest one when there are too many.</summary>
    public WatchLog Add(WatchFrame frame, int limit)
    {
        var frames = Frames.Add(frame);
        return frames.Count > limit ? this with { First = First + 1, Frames = frames.RemoveAt(0) } : this with { Frames = frames };
    }

    /// <summary>Whether a watcher that saw this revision can go on from here.</summary>
    public bool Reaches(long after) => after >= First && after <= Revision;
}
