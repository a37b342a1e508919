namespace Sluice.CanaryBench;

/// <summary>The limits that all have.</summary>
internal static class Limits
{
    public const double Errors = 0.02;
    public const double Seconds = 0.5;
}

/// <summary>
/// A model of Flagger's analysis, as documented: every minute a check of success rate and latency; passed, the weight rises by 10 points up to 50, then it is
/// promoted; the fifth failed check rolls back. Missing values fail the check.
/// </summary>
internal sealed class Flagger : RateContender
{
    private int _failed;

    public Flagger() => Weight = 0.1;

    protected override void Check(Tick tick, Arm? canary, Arm? baseline)
    {
        if (canary is not null && ErrorRate(canary) <= Limits.Errors && P99(canary) <= Limits.Seconds)
        {
            if (Weight >= 0.5 - 1e-9)
            {
                End(Ending.Promoted, tick.Minute);
            }
            else
            {
                Weight += 0.1;
            }
        }
        else if (++_failed >= 5)
        {
            End(Ending.RolledBack, tick.Minute);
        }
    }
}

/// <summary>
/// A model of Argo Rollouts with a background analysis, as documented: 5, 20 and 50 % for five minutes each; every minute a measurement of two metrics; more
/// than three failures of one, or more than four errors in a row (no value), abort.
/// </summary>
internal sealed class Argo : RateContender
{
    private int _errorFailures;
    private int _latencyFailures;
    private int _inRow;

    public Argo() => Weight = 0.05;

    protected override void Check(Tick tick, Arm? canary, Arm? baseline)
    {
        _inRow = canary is null ? _inRow + 1 : 0;
        _errorFailures += canary is not null && ErrorRate(canary) > Limits.Errors ? 1 : 0;
        _latencyFailures += canary is not null && P99(canary) > Limits.Seconds ? 1 : 0;
        if (_errorFailures > 3 || _latencyFailures > 3 || _inRow > 4)
        {
            End(Ending.RolledBack, tick.Minute);
            return;
        }

        Weight = tick.Minute switch { < 5 => 0.05, < 10 => 0.2, _ => 0.5 };
        if (tick.Minute >= 15)
        {
            End(Ending.Promoted, tick.Minute);
        }
    }
}

/// <summary>
/// A model of Kayenta's judge, as documented: 10 % beside an equal baseline, a point a minute, judged every ten minutes for fifty: Mann-Whitney at 98 % with
/// a tolerance of a quarter; both metrics must pass, half of them is too little to go on.
/// </summary>
internal sealed class Kayenta : RateContender
{
    private const double Z98 = 2.3263478740408408;
    private const double Tolerance = 0.25;

    private readonly List<double>[] _canary = [[], []];
    private readonly List<double>[] _baseline = [[], []];

    public Kayenta() => Weight = 0.1;

    public override double BaselineShare => 0.1;

    protected override void Check(Tick tick, Arm? canary, Arm? baseline)
    {
        Note(_canary, canary);
        Note(_baseline, baseline);
        if (tick.Minute % 10 != 0)
        {
            return;
        }

        if (IsHigh(0) || IsHigh(1))
        {
            End(Ending.RolledBack, tick.Minute);
        }
        else if (tick.Minute >= 50)
        {
            End(Ending.Promoted, tick.Minute);
        }
    }

    private static void Note(List<double>[] points, Arm? arm)
    {
        if (arm is null)
        {
            return;
        }

        points[0].Add(ErrorRate(arm));
        if (arm.Ok > 0)
        {
            points[1].Add(P99(arm));
        }
    }

    private bool IsHigh(int metric)
    {
        var (canary, baseline) = (_canary[metric], _baseline[metric]);
        double n = canary.Count, m = baseline.Count;
        if (n == 0 || m == 0)
        {
            return true; // no data is no pass
        }

        var differences = new double[canary.Count * baseline.Count];
        for (int i = 0, k = 0; i < canary.Count; i++)
        {
            for (var j = 0; j < baseline.Count; j++)
            {
                differences[k++] = canary[i] - baseline[j];
            }
        }

        Array.Sort(differences);
        var low = (int)Math.Max(0, Math.Floor((n * m / 2) - (Z98 * Math.Sqrt(n * m * (n + m + 1) / 12))));
        var estimate = differences[differences.Length / 2];
        return differences[low] > Tolerance * Math.Abs(estimate);
    }
}
