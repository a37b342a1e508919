using System.Globalization;
using System.Text;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>Upper edges of a histogram's buckets, with their labels as bytes.</summary>
public sealed class MetricBuckets
{
    private readonly double[] _edges;

    /// <param name="edges">Finite, rising; without +Inf, which every histogram has.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public MetricBuckets(params ReadOnlySpan<double> edges)
    {
        for (var i = 0; i < edges.Length; i++)
        {
            if (!double.IsFinite(edges[i]) || (i > 0 && edges[i] <= edges[i - 1]))
            {
                throw new ArgumentException("Edges must be finite and each above the one before.", nameof(edges));
            }
        }

        _edges = edges.ToArray();
        Labels = [.. _edges.Select(edge => Encoding.ASCII.GetBytes(edge.ToString("R", CultureInfo.InvariantCulture))), "+Inf"u8.ToArray()];
    }

    /// <summary>Whether a value is an edge.</summary>
    public bool Has(double edge) => _edges.AsSpan().Contains(edge);

    /// <summary>These edges and one more.</summary>
    public MetricBuckets And(double edge) => new([.. _edges.Append(edge).Order()]);

    /// <summary>How many edges there are, +Inf not counted.</summary>
    public int Count => _edges.Length;

    /// <summary>The values of <c>le</c>; the last one is +Inf.</summary>
    internal byte[][] Labels { get; }

    internal ReadOnlySpan<double> Edges => _edges;

    /// <summary>The first bucket whose edge a value does not exceed.</summary>
    internal int IndexOf(double value)
    {
        // A dozen edges: looking along is as fast as halving, and NaN, which no comparison holds for, falls out at the end.
        for (var i = 0; i < _edges.Length; i++)
        {
            if (value <= _edges[i])
            {
                return i;
            }
        }

        return _edges.Length;
    }
}
