using FsCheck;
using FsCheck.Fluent;
using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Windows;
using Sluice.Judging;

namespace Sluice.CanaryJudge.Tests.Windows;

/// <summary>Whatever is scraped or missed, windows never say more than what happened.</summary>
public sealed class WindowProperties
{
    /// <summary>What happens between two scrapes of a gateway.</summary>
    /// <param name="Stable">New requests.</param>
    /// <param name="Canary">New requests.</param>
    /// <param name="Restarts">Whether the gateway's counters begin anew before them.</param>
    /// <param name="IsScraped">0: not at all; 1: stable only; 2: canary only; else both.</param>
    private sealed record Tick(Totals Stable, Totals Canary, bool Restarts, int IsScraped);

    private static readonly Gen<Totals> Requests =
        from ok in Gen.Choose(0, 50)
        from failed in Gen.Choose(0, 5)
        from client in Gen.Choose(0, 3)
        from slow in Gen.Choose(0, ok)
        select new Totals(ok, failed, client, slow);

    [Fact]
    public void Without_restarts_windows_follow_each_other_and_add_up_to_all_that_was_counted() => Check(restarts: false, ticks =>
    {
        var windows = Build(ticks, _ => null);
        int[] shared = [.. ticks.Index().Where(tick => tick.Item.IsScraped > 2).Select(tick => tick.Index)];
        if (shared.Length < 2)
        {
            return windows.Count == 0;
        }

        var between = ticks[(shared[0] + 1)..(shared[^1] + 1)];
        return windows.Zip(windows.Skip(1)).All(pair => pair.First.To == pair.Second.From)
            && Same(Sum(windows.Select(window => window.Stable)), between.Aggregate(new Totals(0), (sum, tick) => sum + tick.Stable))
            && Same(Sum(windows.Select(window => window.Canary)), between.Aggregate(new Totals(0), (sum, tick) => sum + tick.Canary));
    });

    [Fact]
    public void With_restarts_no_window_says_more_than_what_happened_in_it() => Check(restarts: true, ticks => Build(ticks, _ => null).All(window =>
    {
        var (from, to) = ((int)(window.From - Scrapes.Start).TotalSeconds, (int)(window.To - Scrapes.Start).TotalSeconds);
        var between = ticks[(from + 1)..(to + 1)];
        return AtMost(window.Stable, between.Aggregate(new Totals(0), (sum, tick) => sum + tick.Stable))
            && AtMost(window.Canary, between.Aggregate(new Totals(0), (sum, tick) => sum + tick.Canary));
    }));

    [Fact]
    public void What_is_folded_is_not_told_again_and_nothing_else_is_left_out() => Check(restarts: true, ticks =>
    {
        var all = Build(ticks, _ => null);
        return all.Index().All(window =>
            Build(ticks, _ => window.Item.To).Select(Text).SequenceEqual(all.Skip(window.Index + 1).Select(Text)));
    });

    [Fact]
    public void The_order_of_series_does_not_matter() => Check(restarts: true, ticks =>
    {
        var reading = Read(ticks);
        var turned = reading with { Series = [.. reading.Series.Reverse()] };
        return WindowBuilder.Build(turned, Scrapes.Query(Scrapes.Gateway("g1")), _ => null).Select(Text).SequenceEqual(Build(ticks, _ => null).Select(Text));
    });

    private static void Check(bool restarts, Func<Tick[], bool> holds)
    {
        var tick = from stable in Requests
                   from canary in Requests
                   from restart in Gen.Choose(0, 5)
                   from scraped in Gen.Choose(0, 9)
                   select new Tick(stable, canary, restarts && restart == 0, scraped);
        Prop.ForAll(tick.ArrayOf(12).ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static Reading Read(Tick[] ticks)
    {
        var scrapes = new Scrapes();
        var (stable, canary) = (new Totals(0), new Totals(0));
        foreach (var (second, tick) in ticks.Index())
        {
            (stable, canary) = tick.Restarts ? (tick.Stable, tick.Canary) : (stable + tick.Stable, canary + tick.Canary);
            scrapes.Add("g1", second, tick.IsScraped is 1 or > 2 ? stable : null, tick.IsScraped >= 2 ? canary : null);
        }

        return scrapes.Reading(ticks.Length);
    }

    private static IReadOnlyList<EvidenceWindow> Build(Tick[] ticks, Func<string, DateTimeOffset?> foldedTo) =>
        WindowBuilder.Build(Read(ticks), Scrapes.Query(Scrapes.Gateway("g1")), foldedTo);

    private static string Text(EvidenceWindow window) => System.Text.Json.JsonSerializer.Serialize(
        new LogEntry(Look: new Look { At = window.To, Generation = 1, Windows = [window] }), JudgingJson.Default.LogEntry);

    private static Totals Sum(IEnumerable<ArmCounts> counts) =>
        counts.Aggregate(new Totals(0), (sum, arm) => sum + new Totals(arm.Ok, arm.Model, arm.Client, arm.Above(0)));

    private static bool Same(Totals one, Totals other) => one == other;

    private static bool AtMost(ArmCounts counts, Totals most) =>
        counts is { Ok: >= 0, Model: >= 0, Client: >= 0, Timed: >= 0 } && counts.Ok <= most.Ok && counts.Model <= most.Failed && counts.Client <= most.Client
        && counts.AtMost.All(count => count >= 0 && count <= counts.Timed) && counts.AtMost.SequenceEqual(counts.AtMost.Order());
}
