namespace Sluice.CanaryBench;

/// <summary>What one version did at one gateway in one tick.</summary>
internal sealed class Arm
{
    public long Ok { get; set; }

    public long Failed { get; set; }

    public long Client { get; set; }

    public long Judged => Ok + Failed;

    /// <summary>Answers slower than each edge.</summary>
    public long[] Above { get; } = new long[Latency.Edges.Length];

    /// <summary>Failed, or slower than the limit.</summary>
    public long Bad => Failed + Above[Latency.LimitEdge];

    public void Add(Arm other)
    {
        (Ok, Failed, Client) = (Ok + other.Ok, Failed + other.Failed, Client + other.Client);
        for (var i = 0; i < Above.Length; i++)
        {
            Above[i] += other.Above[i];
        }
    }
}

/// <summary>Both versions at one gateway in one tick; and a second sample of stable, for rules that compare with one.</summary>
internal sealed record GatewayTick(Arm Stable, Arm Canary, Arm Baseline);

/// <summary>Fifteen seconds.</summary>
/// <param name="Number">From 1.</param>
/// <param name="IsSeen">Whether the scrape at its end succeeded.</param>
/// <param name="Gateways">What happened; what a reset of counters lost is missing.</param>
/// <param name="Bad">Bad answers of the canary, lost ones included.</param>
internal sealed record Tick(int Number, bool IsSeen, IReadOnlyList<GatewayTick> Gateways, long Bad)
{
    public const double Seconds = 15;

    public double Minute => Number * Seconds / 60;
}
