using System.Diagnostics.Metrics;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway.Capture;

/// <summary>What became of a captured request.</summary>
internal enum CaptureResult
{
    /// <summary>It is in a file.</summary>
    Written,

    /// <summary>There was no room for it.</summary>
    Dropped,

    /// <summary>It could not be written.</summary>
    Failed,
}

/// <summary>Counts what became of captured requests; each result from 0 on, where anything is captured.</summary>
internal sealed class CaptureFigures : IMetricSource
{
    private static readonly MetricFamily Captured = MetricFamily.OfInstrument(
        MetricNames.GatewayCaptured, "{request}", MetricType.Counter, "Requests for the capture's files.");

    private static readonly (string Name, MetricLabels Labels)[] Results = [.. new[] { "written", "dropped", "failed" }.Select(name => (name, MetricLabels.Of(("result", name))))];

    private readonly long[] _counts = new long[Results.Length];
    private readonly Counter<long> _counter;
    private readonly bool _isOn;

    public CaptureFigures(IMeterFactory meters, Microsoft.Extensions.Options.IOptions<CaptureOptions> options)
    {
        _counter = meters.Create(MetricNames.GatewayMeter).CreateCounter<long>(MetricNames.GatewayCaptured, "{request}", "Requests for the capture's files.");
        _isOn = options.Value.IsOn;
    }

    public void Add(CaptureResult result, int count = 1)
    {
        Interlocked.Add(ref _counts[(int)result], count);
        _counter.Add(count, new KeyValuePair<string, object?>("result", Results[(int)result].Name));
    }

    /// <inheritdoc />
    public void Write(MetricsWriter writer)
    {
        writer.Begin(Captured);
        for (var i = 0; _isOn && i < Results.Length; i++)
        {
            writer.Sample(Results[i].Labels, Volatile.Read(ref _counts[i]));
        }
    }
}
