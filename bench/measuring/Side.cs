using System.Globalization;

namespace Sluice.Measuring;

/// <summary>What a side did over all rounds.</summary>
public sealed class Side
{
    private const int MostSettling = 4;
    private const double Settled = 0.95;

    private readonly List<Sample> _samples = [];

    /// <summary>Requests or runs a second, the median of the rounds.</summary>
    public double PerSecond => MedianOf(sample => sample.PerSecond);

    /// <summary>Processor time of one of them, µs, the median of the rounds.</summary>
    public double Cpu => MedianOf(sample => sample.Cpu);

    /// <summary>ms, the median of the rounds.</summary>
    public double Median => MedianOf(sample => sample.Median);

    /// <summary>ms, the median of the rounds.</summary>
    public double P99 => MedianOf(sample => sample.P99);

    /// <summary>The slowest and the fastest round, to see how steady the machine was.</summary>
    public string Spread => string.Create(
        CultureInfo.InvariantCulture, $"{_samples.Min(sample => sample.PerSecond):0}–{_samples.Max(sample => sample.PerSecond):0}");

    /// <summary>Measures sides in turn, so that what slows the machine for a while slows all of them.</summary>
    /// <param name="rounds">How often.</param>
    /// <param name="measures">One measurement of each side.</param>
    public static async Task<Side[]> AlternateAsync(int rounds, params Func<Task<Sample>>[] measures)
    {
        foreach (var measure in measures)
        {
            await SettleAsync(measure);
        }

        var sides = Array.ConvertAll(measures, _ => new Side());
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < measures.Length; i++)
            {
                sides[i]._samples.Add(await measures[i]());
            }
        }

        return sides;
    }

    // The just-in-time compiler makes the best code of what ran for some seconds, and later than that where the machine is busy.
    private static async Task SettleAsync(Func<Task<Sample>> measure)
    {
        var (last, next) = (await measure(), await measure());
        for (var more = 0; more < MostSettling && next.Cpu < last.Cpu * Settled; more++)
        {
            (last, next) = (next, await measure());
        }
    }

    private double MedianOf(Func<Sample, double> figure)
    {
        var figures = _samples.Select(figure).Order().ToArray();
        return (figures[(figures.Length - 1) / 2] + figures[figures.Length / 2]) / 2;
    }
}
