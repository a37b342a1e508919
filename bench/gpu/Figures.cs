using System.Globalization;

namespace Sluice.GpuBench;

/// <summary>What one measurement gave.</summary>
/// <param name="RowsPerSecond">Over the whole measurement.</param>
/// <param name="MedianMilliseconds">Of one run or request.</param>
/// <param name="P99Milliseconds">Of one run or request.</param>
internal sealed record Figures(double RowsPerSecond, double MedianMilliseconds, double P99Milliseconds)
{
    /// <param name="rows">Rows of all runs.</param>
    /// <param name="seconds">That they took.</param>
    /// <param name="milliseconds">Of each run; is sorted.</param>
    public static Figures Of(long rows, double seconds, List<double> milliseconds)
    {
        milliseconds.Sort();
        return new Figures(rows / seconds, milliseconds[milliseconds.Count / 2], milliseconds[(int)Math.Ceiling(milliseconds.Count * 0.99) - 1]);
    }

    /// <summary>Columns of a Markdown table.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{RowsPerSecond:0} | {MedianMilliseconds:0.000} | {P99Milliseconds:0.000}");
}
