using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>
/// Writes the Prometheus text format, version 0.0.4, into a buffer that is kept from page to page: writing a series allocates nothing but, now and
/// then, a larger buffer.
/// </summary>
public sealed class MetricsWriter
{
    private static readonly SearchValues<char> LabelEscapes = SearchValues.Create("\\\"\n");
    private static readonly SearchValues<char> HelpEscapes = SearchValues.Create("\\\n");

    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private byte[] _bytes = new byte[1024];
    private MetricFamily? _family;
    private bool _headed;

    /// <summary>What was written.</summary>
    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    internal int Length { get; private set; }

    /// <summary>Begins a family; its header appears with its first series.</summary>
    /// <exception cref="InvalidOperationException">It is on this page already: the format allows a family one place only.</exception>
    public void Begin(MetricFamily family)
    {
        if (!_families.Add(family.Name))
        {
            throw new InvalidOperationException($"The page has the family {family.Name} already.");
        }

        (_family, _headed) = (family, false);
    }

    /// <summary>A series of a counter or gauge.</summary>
    public void Sample(MetricLabels labels, long value)
    {
        StartSample(labels.Bytes);
        Number(value);
        Raw("\n"u8);
    }

    /// <summary>A series of a counter or gauge. NaN and the infinities are values, too.</summary>
    public void Sample(MetricLabels labels, double value)
    {
        StartSample(labels.Bytes);
        Number(value);
        Raw("\n"u8);
    }

    /// <summary>A series of a histogram, with its buckets, sum and count, which agree with each other whatever is observed meanwhile.</summary>
    public void Sample(MetricLabels labels, MetricHistogram histogram)
    {
        var count = 0L;
        for (var bucket = 0; bucket <= histogram.Buckets.Count; bucket++)
        {
            count += histogram.CountOf(bucket);
            Bucket(labels.Bytes, histogram.Buckets.Labels[bucket], count);
        }

        SumAndCount(labels.Bytes, histogram.Sum, count);
    }

    /// <summary>Whether a family was begun on this page.</summary>
    internal bool Has(string family) => _families.Contains(family);

    /// <summary>Starts a new page in the same buffer.</summary>
    internal void Clear()
    {
        _families.Clear();
        CutTo(0);
    }

    /// <summary>Takes back what was written behind a length. Its families stay taken.</summary>
    internal void CutTo(int length) => (Length, _family, _headed) = (length, null, false);

    internal void Bucket(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> edge, long count)
    {
        StartLine("_bucket"u8);
        Raw("{"u8);
        Raw(labels);
        Raw(labels.IsEmpty ? "le=\""u8 : ",le=\""u8);
        Raw(edge);
        Raw("\"} "u8);
        Number(count);
        Raw("\n"u8);
    }

    internal void SumAndCount(ReadOnlySpan<byte> labels, double sum, long count)
    {
        StartLine("_sum"u8);
        Labels(labels);
        Number(sum);
        Raw("\n"u8);
        StartLine("_count"u8);
        Labels(labels);
        Number(count);
        Raw("\n"u8);
    }

    internal void StartSample(ReadOnlySpan<byte> labels)
    {
        StartLine([]);
        Labels(labels);
    }

    internal void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    internal void Text(ReadOnlySpan<char> text)
    {
        Grow(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length));
    }

    internal void LabelValue(ReadOnlySpan<char> value) => Escaped(value, LabelEscapes);

    internal void Help(ReadOnlySpan<char> help) => Escaped(help, HelpEscapes);

    internal void Number(long value)
    {
        Grow(20);
        _ = value.TryFormat(_bytes.AsSpan(Length), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    internal void Number(double value)
    {
        if (double.IsFinite(value))
        {
            Grow(32);
            _ = value.TryFormat(_bytes.AsSpan(Length), out var written, default, CultureInfo.InvariantCulture); // the shortest that reads back the same
            Length += written;
        }
        else
        {
            Raw(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
        }
    }

    private void StartLine(ReadOnlySpan<byte> suffix)
    {
        var family = _family ?? throw new InvalidOperationException("A series needs a family: call Begin first.");
        if (!_headed)
        {
            Raw(family.Header);
            _headed = true;
        }

        Raw(family.NameBytes);
        Raw(suffix);
    }

    private void Labels(ReadOnlySpan<byte> labels)
    {
        if (!labels.IsEmpty)
        {
            Raw("{"u8);
            Raw(labels);
            Raw("}"u8);
        }

        Raw(" "u8);
    }

    private void Escaped(ReadOnlySpan<char> text, SearchValues<char> escapes)
    {
        for (var special = text.IndexOfAny(escapes); special >= 0; special = text.IndexOfAny(escapes))
        {
            Text(text[..special]);
            Raw(text[special] switch { '\\' => @"\\"u8, '"' => "\\\""u8, _ => @"\n"u8 });
            text = text[(special + 1)..];
        }

        Text(text);
    }

    private Span<byte> Reserve(int count)
    {
        Grow(count);
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    private void Grow(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        Debug.Assert(_bytes.Length - Length >= count);
    }
}
