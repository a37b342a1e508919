using System.Globalization;
using Sluice.Contracts;
using Sluice.Registry.Watch;

namespace Sluice.Registry.Rollouts;

/// <summary>Long polls: a pipeline waits for a rollout's end without asking again and again.</summary>
internal sealed class RolloutWait(RolloutRecords records, WatchHub hub, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>The longest one request may wait.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads <c>60</c>, <c>60s</c>; nothing is no wait. (A method TryParse would be taken for the binding of a parameter.)</summary>
    public static bool TryReadLimit(string? text, out TimeSpan wait)
    {
        wait = default;
        if (text is null)
        {
            return true;
        }

        var digits = text.EndsWith('s') ? text.AsSpan(..^1) : text;
        var isNumber = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds);
        wait = TimeSpan.FromSeconds(seconds);
        return isNumber && wait <= Longest;
    }

    /// <summary>The rollout as soon as it is decided (or of another generation than the one given), or as it is when the time is over.</summary>
    /// <returns>Null when there is none of that id.</returns>
    public async Task<Rollout?> ForAsync(string id, long? generation, TimeSpan wait, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        while (true)
        {
            var (_, changed) = hub.Look(); // before the look, so that nothing is slept through
            var rollout = await records.FindAsync(id, cancellationToken);
            var left = wait - time.GetElapsedTime(start);
            if (rollout is null || rollout.IsDecided || (generation is { } seen && seen != rollout.Generation)
                || left <= TimeSpan.Zero || end.IsCancellationRequested)
            {
                return rollout;
            }

            await changed.WaitAsync(left, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
