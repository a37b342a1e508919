namespace Sluice.Gateway.Routing;

/// <summary>
/// How many requests of one model are in flight, and the most there were in the last five minutes: what a rollout's capacity is measured against. One
/// object a model, kept from snapshot to snapshot.
/// </summary>
internal sealed class ModelTraffic
{
    private const int Slots = 10;
    private static readonly TimeSpan SlotLength = TimeSpan.FromSeconds(30);

    private readonly Slot[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new Slot())];
    private int _inFlight;

    /// <summary>Requests in flight.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>A request came.</summary>
    /// <param name="elapsed">The clock's time since any fixed moment.</param>
    public void Begin(TimeSpan elapsed)
    {
        var inFlight = Interlocked.Increment(ref _inFlight);
        var number = NumberOf(elapsed);
        _slots[number % Slots].Note(number, inFlight);
    }

    /// <summary>It ended, in whatever way.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>The most that were in flight at once in the last five minutes.</summary>
    public int Peak(TimeSpan elapsed)
    {
        // What has been in flight since before the oldest slot began no slot, and is in flight still.
        var (number, peak) = (NumberOf(elapsed), InFlight);
        foreach (var slot in _slots)
        {
            peak = Math.Max(peak, slot.PeakSince(number - Slots + 1));
        }

        return peak;
    }

    private static long NumberOf(TimeSpan elapsed) => elapsed.Ticks / SlotLength.Ticks;

    // Half a minute. Number and peak lie in one word, so that they change together without a lock.
    private sealed class Slot
    {
        private const int PeakBits = 24;
        private const long PeakMask = (1L << PeakBits) - 1;

        private long _word;

        public void Note(long number, int inFlight)
        {
            var seen = Volatile.Read(ref _word);
            while (seen >> PeakBits < number || (seen >> PeakBits == number && (seen & PeakMask) < inFlight))
            {
                var next = (number << PeakBits) | Math.Min(inFlight, PeakMask);
                var before = Interlocked.CompareExchange(ref _word, next, seen);
                if (before == seen)
                {
                    return;
                }

                seen = before;
            }
        }

        public int PeakSince(long number)
        {
            var word = Volatile.Read(ref _word);
            return word >> PeakBits >= number ? (int)(word & PeakMask) : 0;
        }
    }
}
