namespace Sluice.CanaryBench;

/// <summary>How a run ended.</summary>
internal enum Ending
{
    /// <summary>Not within the hour, or left to a person.</summary>
    Undecided,

    /// <summary>The canary is the new version.</summary>
    Promoted,

    /// <summary>The canary is gone.</summary>
    RolledBack,
}

/// <summary>A rule that moves the weight of one run.</summary>
internal abstract class Contender
{
    /// <summary>The canary's share, from the next tick on.</summary>
    public double Weight { get; protected set; }

    /// <summary>The share of a second sample of stable.</summary>
    public virtual double BaselineShare => 0;

    /// <summary>How it ended.</summary>
    public Ending Ending { get; private set; }

    /// <summary>When; minutes.</summary>
    public double EndedAt { get; private set; } = double.NaN;

    /// <summary>When the canary first got four fifths of the traffic.</summary>
    public double MostAt { get; private set; } = double.NaN;

    /// <summary>Fifteen seconds are over.</summary>
    public void See(Tick tick)
    {
        Take(tick);
        if (Weight >= 0.8 && double.IsNaN(MostAt))
        {
            MostAt = tick.Minute;
        }
    }

    protected abstract void Take(Tick tick);

    protected void End(Ending ending, double minute) => (Ending, EndedAt, Weight) = (ending, minute, ending == Ending.Promoted ? 1 : 0);
}

/// <summary>A rule that asks Prometheus for rates over a minute, every minute: with a scrape each 15 s these are the last three differences, of those that there are.</summary>
internal abstract class RateContender : Contender
{
    private readonly Queue<Tick> _minute = new();
    private bool _wasSeen = true;

    protected override void Take(Tick tick)
    {
        // A difference needs both its ends; the first after a gap, with all that happened in it, lies outside the minute.
        if (tick.IsSeen && _wasSeen)
        {
            _minute.Enqueue(tick);
        }

        _wasSeen = tick.IsSeen;
        while (_minute.Count > 0 && _minute.Peek().Number <= tick.Number - 3)
        {
            _minute.Dequeue();
        }

        if (tick.Number % 4 == 0)
        {
            Check(tick, Sum(gateway => gateway.Canary), Sum(gateway => gateway.Baseline));
        }
    }

    /// <summary>A minute is over.</summary>
    /// <param name="tick">Its last tick.</param>
    /// <param name="canary">What is seen of the canary; null when nothing is.</param>
    /// <param name="baseline">And of the second sample of stable.</param>
    protected abstract void Check(Tick tick, Arm? canary, Arm? baseline);

    protected static double ErrorRate(Arm arm) => (double)arm.Failed / arm.Judged;

    protected static double P99(Arm arm) => arm.Ok == 0 ? double.NaN : Latency.Quantile(arm.Ok, arm.Above, 0.99);

    private Arm? Sum(Func<GatewayTick, Arm> which)
    {
        var sum = new Arm();
        foreach (var tick in _minute)
        {
            foreach (var gateway in tick.Gateways)
            {
                sum.Add(which(gateway));
            }
        }

        return sum.Judged == 0 ? null : sum; // nothing, or 0/0
    }
}
