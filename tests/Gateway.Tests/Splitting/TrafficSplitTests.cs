using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;
using Sluice.Gateway.Splitting;

namespace Sluice.Gateway.Tests.Splitting;

/// <summary>The split itself: exact, the same for a caller each time and everywhere, and monotone.</summary>
public sealed class TrafficSplitTests
{
    private const int Callers = 100_000;
    private static readonly Random Luck = new(1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(500)]
    [InlineData(3333)]
    [InlineData(9999)]
    [InlineData(10_000)]
    public void The_canary_gets_its_share_of_the_callers(int basisPoints)
    {
        var split = new TrafficSplit(new Weight(basisPoints), "wine.1");

        var canary = Enumerable.Range(0, Callers).Count(caller => split.IsCanary(Key(caller), Luck));

        // Six standard deviations of a fair draw; nothing at all at the ends.
        var share = basisPoints / 10_000.0;
        var bound = 6 * Math.Sqrt(Callers * share * (1 - share));
        Assert.InRange(canary, (Callers * share) - bound, (Callers * share) + bound);
    }

    [Fact]
    public void Callers_lie_evenly_over_all_places_whatever_their_keys_look_like()
    {
        foreach (var keyOf in new Func<int, string>[] { Key, caller => $"user-{caller:D9}@example.org", caller => new string((char)('a' + (caller % 26)), 1 + (caller / 26)) })
        {
            const int count = 20_000, bins = 100;
            var places = new int[bins];
            var split = new TrafficSplit(Weight.All, "wine.1");
            for (var caller = 0; caller < count; caller++)
            {
                places[split.PlaceOf(keyOf(caller)) / (10_000 / bins)]++;
            }

            // Chi square of 99 degrees of freedom: 99 on average, above 185 once in a million draws.
            var chiSquare = places.Sum(n => Math.Pow(n - (count / (double)bins), 2) / (count / (double)bins));
            Assert.InRange(chiSquare, 40, 185);
        }
    }

    // Computed by another implementation of the hash, and written down: a new release that differs would make callers change sides while both run.
    [Theory]
    [InlineData("wine.1", "alice", 9381)]
    [InlineData("wine.1", "bob", 9791)]
    [InlineData("wine.2", "alice", 6900)]
    [InlineData("wine", "Zoë", 2124)]
    public void A_callers_place_is_the_same_for_ever(string salt, string key, int place) => Assert.Equal(place, new TrafficSplit(Weight.All, salt).PlaceOf(key));

    [Fact]
    public void Each_rollout_tries_other_callers_first()
    {
        var (first, second) = (new TrafficSplit(new Weight(1000), "wine.1"), new TrafficSplit(new Weight(1000), "wine.2"));

        var both = Enumerable.Range(0, Callers).Count(caller => first.IsCanary(Key(caller), Luck) && second.IsCanary(Key(caller), Luck));

        Assert.InRange(both, 1000 - 190, 1000 + 190); // a tenth of a tenth
    }

    [Fact]
    public void A_larger_weight_only_moves_callers_from_stable_to_canary_and_a_smaller_one_only_back() =>
        Prop.ForAll(
            Gen.ListOf(Gen.Choose(0, 10_000)).ToArbitrary(),
            ArbMap.Default.ArbFor<NonEmptyString>(),
            (weights, salt) =>
            {
                var before = Weight.None;
                foreach (var weight in weights.Select(points => new Weight(points)))
                {
                    var (former, next) = (new TrafficSplit(before, salt.Get), new TrafficSplit(weight, salt.Get));
                    for (var caller = 0; caller < 200; caller++)
                    {
                        var (was, @is) = (former.IsCanary(Key(caller), Luck), next.IsCanary(Key(caller), Luck));
                        if (was != @is && @is != weight > before)
                        {
                            return false;
                        }
                    }

                    before = weight;
                }

                return true;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_a_key_however_long() => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
    {
        var split = new TrafficSplit(Weight.All, "wine.1");
        var key = string.Concat(Enumerable.Repeat(text.Get + "é", 300));
        return split.PlaceOf(key) is >= 0 and < 10_000 && split.PlaceOf(key) == split.PlaceOf(key);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_a_key_luck_decides()
    {
        var split = new TrafficSplit(new Weight(2500), "wine.1");
        var random = new Random(7);

        var canary = Enumerable.Range(0, Callers).Count(_ => split.IsCanary([], random));

        Assert.InRange(canary, 25_000 - 822, 25_000 + 822);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_decision()
    {
        var split = new TrafficSplit(new Weight(2500), "wine.1");
        _ = split.IsCanary("alice", Luck);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _ = split.IsCanary("alice", Luck);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static string Key(int caller) => caller.ToString(CultureInfo.InvariantCulture);
}
