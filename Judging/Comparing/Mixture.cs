namespace Sluice.Judging;

/// <summary>Averages of evidence. An average of e-values is an e-value, however they depend on each other.</summary>
internal static class Mixture
{
    /// <summary>The logarithm of the average of what the logarithms are of.</summary>
    public static double LogMean(ReadOnlySpan<double> logs)
    {
        if (logs.IsEmpty)
        {
            return 0;
        }

        var greatest = double.NegativeInfinity;
        foreach (var log in logs)
        {
            greatest = Math.Max(greatest, log);
        }

        var sum = 0.0;
        foreach (var log in logs)
        {
            sum += Math.Exp(log - greatest);
        }

        return greatest + Math.Log(sum / logs.Length);
    }
}
