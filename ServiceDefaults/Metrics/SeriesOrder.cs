using OpenTelemetry.Metrics;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>The series of one instrument, ordered by their labels as text, so that equal states give equal pages. Keeps its arrays.</summary>
internal sealed class SeriesOrder
{
    private readonly MetricsWriter _text = new();
    private readonly Comparison<int> _byLabels;
    private readonly TagText _tags = new();
    private MetricPoint[] _points = new MetricPoint[16];
    private int[] _ends = new int[16]; // where the labels of each end in _text
    private int[] _order = new int[16];

    public SeriesOrder() => _byLabels = Compare;

    public int Count { get; private set; }

    /// <summary>A series by its place in the order.</summary>
    public ref readonly MetricPoint this[int place] => ref _points[_order[place]];

    /// <summary>Its labels, without braces.</summary>
    public ReadOnlySpan<byte> Labels(int place) => LabelsOf(_order[place]);

    public void Read(Metric metric)
    {
        Count = 0;
        _text.Clear();
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            if (Count == _points.Length)
            {
                Array.Resize(ref _points, Count * 2);
                Array.Resize(ref _ends, Count * 2);
                Array.Resize(ref _order, Count * 2);
            }

            _tags.Write(_text, point.Tags);
            (_points[Count], _ends[Count], _order[Count]) = (point, _text.Length, Count);
            Count++;
        }

        _order.AsSpan(0, Count).Sort(_byLabels);
    }

    private int Compare(int left, int right) => LabelsOf(left).SequenceCompareTo(LabelsOf(right));

    private ReadOnlySpan<byte> LabelsOf(int index)
    {
        var start = index == 0 ? 0 : _ends[index - 1];
        return _text.Written.Span[start.._ends[index]];
    }
}
