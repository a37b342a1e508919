using System.Globalization;

namespace Sluice.PredictorBench;

/// <summary>One measurement of one side.</summary>
/// <param name="PerSecond">Requests or runs a second.</param>
/// <param name="Cpu">Processor time of the side (not of the load generator) for one of them, µs.</param>
/// <param name="Median">ms.</param>
/// <param name="P99">ms.</param>
internal readonly record struct Sample(double PerSecond, double Cpu, double Median, double P99);

/// <summary>What a side did over all rounds.</summary>
internal sealed class Side
{
    private readonly List<Sample> _samples = [];

    public double PerSecond => MedianOf(sample => sample.PerSecond);

    public double Cpu => MedianOf(sample => sample.Cpu);

    public double Median => MedianOf(sample => sample.Median);

    public double P99 => MedianOf(sample => sample.P99);

    /// <summary>The slowest and the fastest round, to see how steady the machine was.</summary>
    public string Spread => string.Create(
        CultureInfo.InvariantCulture, $"{_samples.Min(sample => sample.PerSecond):0}–{_samples.Max(sample => sample.PerSecond):0}");

    /// <summary>Measures sides in turn, so that what slows the machine for a while slows all of them.</summary>
    /// <param name="rounds">How often; one more round goes before, which does not count.</param>
    /// <param name="measures">One measurement of each side.</param>
    public static async Task<Side[]> AlternateAsync(int rounds, params Func<Task<Sample>>[] measures)
    {
        var sides = Array.ConvertAll(measures, _ => new Side());
        for (var round = 0; round <= rounds; round++)
        {
            for (var i = 0; i < measures.Length; i++)
            {
                var sample = await measures[i]();
                if (round > 0) // the first round is the just-in-time compiler's
                {
                    sides[i]._samples.Add(sample);
                }
            }
        }

        return sides;
    }

    private double MedianOf(Func<Sample, double> figure)
    {
        var figures = _samples.Select(figure).Order().ToArray();
        return (figures[(figures.Length - 1) / 2] + figures[figures.Length / 2]) / 2;
    }
}
