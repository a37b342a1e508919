using Sluice.Judging;

namespace Sluice.CanaryBench;

/// <summary>The traffic of one run of a scenario: equal seeds give equal luck of everything but the requests themselves, whose number depends on the rule.</summary>
internal sealed class Generator
{
    private static readonly Manner Usual = new();

    private readonly Scenario _scenario;
    private readonly Dice _dice;
    private readonly Manner _stable;
    private readonly Manner _canary;
    private readonly BurstTimes _stableBursts;
    private readonly BurstTimes _canaryBursts;
    private readonly double _phase;
    private readonly Dictionary<double, double[]> _above = [];

    public Generator(Scenario scenario, ulong seed)
    {
        (_scenario, _dice) = (scenario, new Dice(seed));
        _stable = scenario.Stable ?? Usual;
        _canary = scenario.Canary ?? _stable;
        _stableBursts = new BurstTimes(scenario.Bursts, _dice);
        _canaryBursts = scenario.Bursts?.Arm == "each" ? new BurstTimes(scenario.Bursts, _dice) : _stableBursts;
        _phase = _dice.Next();
    }

    /// <summary>The next fifteen seconds.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="weight">The canary's share.</param>
    /// <param name="baseline">The share of stable's second sample.</param>
    public Tick Next(int number, double weight, double baseline)
    {
        var minute = (number - 0.5) * Tick.Seconds / 60;
        var rate = _scenario.RequestsPerSecond * Factor(minute) * Tick.Seconds / _scenario.Gateways;
        var (stable, canary) = (Stable(minute), Canary(minute, weight));
        var isReset = _scenario.Restarts?.Any(at => Math.Ceiling(at * 60 / Tick.Seconds) == number) == true;
        var gateways = new GatewayTick[_scenario.Gateways];
        var bad = 0L;
        for (var i = 0; i < gateways.Length; i++)
        {
            // What happened between the last scrape and the reset is lost, in both versions alike.
            var kept = isReset ? _dice.Next() : 1;
            var seen = new GatewayTick(Make(rate * (1 - weight - baseline) * kept, stable), Make(rate * weight * kept, canary), Make(rate * baseline * kept, stable));
            bad += seen.Canary.Bad + (isReset ? Make(rate * weight * (1 - kept), canary).Bad : 0);
            gateways[i] = seen;
        }

        return new Tick(number, _scenario.IsSeen(number * Tick.Seconds / 60), gateways, bad);
    }

    /// <summary>Bad answers of the canary that are to be expected in a tick.</summary>
    public double ExpectedBad(int number, double weight)
    {
        var minute = (number - 0.5) * Tick.Seconds / 60;
        var canary = Canary(minute, weight);
        return _scenario.RequestsPerSecond * Factor(minute) * Tick.Seconds * weight * (1 - canary.Client) * (canary.Errors + ((1 - canary.Errors) * Above(canary.P99)[Latency.LimitEdge]));
    }

    /// <summary>Stable in the hour before: thirty times two minutes, each in two halves.</summary>
    public Baseline Before()
    {
        var all = new Arm();
        var halves = new (Arm One, Arm Other)[30];
        var other = _scenario.Bursts?.Arm == "each" ? new BurstTimes(_scenario.Bursts, _dice) : _stableBursts;
        for (var i = 0; i < halves.Length; i++)
        {
            var rate = _scenario.RequestsPerSecond * Factor(2 * i) * 60;
            halves[i] = (Make(rate, Burst(_stable, _stableBursts, 2 * i)), Make(rate, Burst(_stable, other, 2 * i)));
            all.Add(halves[i].One);
            all.Add(halves[i].Other);
        }

        var baseline = new Baseline { Requests = all.Judged, Failed = all.Failed, Edges = Latency.Edges, Timed = all.Ok, AtMost = [.. all.Above.Select(above => all.Ok - above)] };
        var edge = Enumerable.Range(0, all.Above.Length).MinBy(i => Math.Abs(Math.Log((all.Above[i] + 0.5) / (all.Ok + 1) / 0.02)));
        return baseline with
        {
            FailureDispersion = Dispersion.Of(halves.Select(half => new PairedCounts(half.One.Failed, half.One.Judged, half.Other.Failed, half.Other.Judged))),
            LatencyDispersion = Dispersion.Of(halves.Select(half => new PairedCounts(half.One.Above[edge], half.One.Ok, half.Other.Above[edge], half.Other.Ok))),
        };
    }

    private Arm Make(double mean, Manner manner)
    {
        var arm = new Arm();
        if (mean <= 0)
        {
            return arm;
        }

        var all = _dice.Poisson(mean);
        arm.Client = _dice.Binomial(all, manner.Client);
        arm.Failed = _dice.Binomial(all - arm.Client, manner.Errors);
        arm.Ok = all - arm.Client - arm.Failed;
        var above = Above(manner.P99);
        var (left, share) = (arm.Ok, 1.0);
        for (var i = 0; i < above.Length && left > 0; i++)
        {
            left = _dice.Binomial(left, Math.Min(1, above[i] / share));
            (arm.Above[i], share) = (left, Math.Max(above[i], 1e-300));
        }

        return arm;
    }

    private double[] Above(double p99)
    {
        if (!_above.TryGetValue(p99, out var above))
        {
            _above[p99] = above = Latency.Above(p99);
        }

        return above;
    }

    private Manner Stable(double minute) => Burst(Changed(_stable, "stable", minute), _stableBursts, minute);

    private Manner Canary(double minute, double weight)
    {
        var manner = Burst(Changed(_canary, "canary", minute), _canaryBursts, minute);
        return _scenario.Overload is { } overload && weight > overload.AboveWeight
            ? manner with { Errors = Math.Max(manner.Errors, overload.Errors), P99 = manner.P99 * overload.Latency } : manner;
    }

    private Manner Changed(Manner manner, string arm, double minute)
    {
        foreach (var change in _scenario.Changes ?? [])
        {
            if ((change.Arm == arm || change.Arm == "both") && minute > change.From && minute <= (change.To ?? double.MaxValue))
            {
                var (age, strength) = (minute - change.From, 1.0);
                strength = change.RampMinutes > 0 ? Math.Min(1, age / change.RampMinutes) : strength;
                strength = change.DecayMinutes > 0 ? Math.Max(0, 1 - (age / change.DecayMinutes)) : strength;
                manner = new Manner(
                    Toward(manner.Errors, change.Errors, strength), manner.P99 * Toward(1, change.Latency, strength), Toward(manner.Client, change.Client, strength));
            }
        }

        return manner;
    }

    private Manner Burst(Manner manner, BurstTimes bursts, double minute) =>
        _scenario.Bursts is { } burst && bursts.IsOn(minute) ? manner with { Errors = Math.Max(manner.Errors, burst.Errors) } : manner;

    private double Factor(double minute) => _scenario.Variation switch
    {
        null => 1,
        { PeriodMinutes: > 0 } wave => wave.Least + ((wave.Most - wave.Least) * (1 + Math.Sin(2 * Math.PI * ((minute / wave.PeriodMinutes) + _phase))) / 2),
        var luck => luck.Least * Math.Pow(luck.Most / luck.Least, Luck((int)minute)),
    };

    // The same minute has the same factor, whoever asks.
    private double Luck(int minute) => new Dice((ulong)((_phase * 1e9) + minute)).Next();

    private static double Toward(double from, double? to, double strength) => to is { } target ? from + (strength * (target - from)) : from;

    private sealed class BurstTimes
    {
        private readonly List<double> _starts = [];
        private readonly double _length;

        public BurstTimes(Bursts? bursts, Dice dice)
        {
            if (bursts is null)
            {
                return;
            }

            _length = bursts.Minutes;
            for (var at = -Math.Log(dice.Next()) * bursts.EveryMinutes; at < 61; at += -Math.Log(dice.Next()) * bursts.EveryMinutes)
            {
                _starts.Add(at);
            }
        }

        public bool IsOn(double minute)
        {
            foreach (var start in _starts)
            {
                if (minute >= start && minute < start + _length)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
