namespace Sluice.CanaryBench;

/// <summary>A log-normal latency, by the share of answers above each edge.</summary>
internal static class Latency
{
    private const double Sigma = 0.6;
    private const double Z99 = 2.3263478740408408;

    /// <summary>Edges, seconds: those of the gateway around the latencies that occur.</summary>
    public static readonly double[] Edges = [0.05, 0.1, 0.25, 0.5, 1, 2.5];

    /// <summary>The edge that is the limit.</summary>
    public const int LimitEdge = 3;

    /// <summary>The shares above the edges.</summary>
    /// <param name="p99">Seconds.</param>
    public static double[] Above(double p99) => [.. Edges.Select(edge => Tail((Math.Log(edge / p99) / Sigma) + Z99))];

    /// <summary>What <c>histogram_quantile</c> makes of counts above the edges: linear between two edges; the highest edge beyond it.</summary>
    public static double Quantile(long count, long[] above, double quantile)
    {
        var rank = quantile * count;
        var (below, start) = (0.0, 0.0);
        for (var i = 0; i < Edges.Length; i++)
        {
            var next = (double)(count - above[i]);
            if (next >= rank)
            {
                return next == below ? Edges[i] : start + ((Edges[i] - start) * (rank - below) / (next - below));
            }

            (below, start) = (next, Edges[i]);
        }

        return Edges[^1];
    }

    // The upper tail of the normal distribution, by the rational approximation of its error function (absolute error below 1.5e-7).
    private static double Tail(double z)
    {
        var x = Math.Abs(z) / Math.Sqrt(2);
        var t = 1 / (1 + (0.3275911 * x));
        var erfc = t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429)))))))) * Math.Exp(-x * x);
        return z >= 0 ? erfc / 2 : 1 - (erfc / 2);
    }
}
