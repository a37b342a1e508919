namespace Sluice.HelmCharts;

/// <summary>A chart that cannot be rendered: what is wrong, in which file, on which line.</summary>
public sealed class ChartException : Exception
{
    /// <summary>An error of a place in a file of the chart.</summary>
    /// <param name="file">The file, relative to the chart.</param>
    /// <param name="line">Its line, from 1; 0 for the file as a whole.</param>
    /// <param name="problem">What is wrong and what was expected.</param>
    /// <param name="inner">What it comes from.</param>
    public ChartException(string file, int line, string problem, Exception? inner = null)
        : base(line > 0 ? $"{file}:{line}: {problem}" : $"{file}: {problem}", inner)
    {
        File = file;
        Line = line;
        Problem = problem;
    }

    /// <summary>The file, relative to the chart.</summary>
    public string File { get; }

    /// <summary>The line, from 1; 0 for the file as a whole.</summary>
    public int Line { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }
}
