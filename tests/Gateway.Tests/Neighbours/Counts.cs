using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.ServiceDefaults;
using Sluice.ServiceDefaults.Metrics;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>
/// What one gateway counted: its own metrics as its page shows them, and since this was made what the server's instruments measured. Tests run beside each
/// other, and a listener hears the meters of them all.
/// </summary>
internal sealed class Counts : IDisposable
{
    private readonly RunningGateway _gateway;
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _measured = [];

    public Counts(RunningGateway gateway)
    {
        _gateway = gateway;
        var own = gateway.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name is MetricNames.GatewayMeter or "Microsoft.AspNetCore.Hosting" && instrument.Meter.Scope == own)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags)); // a duration counts as one
        _listener.Start();
    }

    /// <summary>The sum of the series of a metric of the gateway that have all of these labels; of a histogram, how many values there were.</summary>
    public double Of(string metric, params (string Key, string Value)[] labels) => Page()
        .Where(sample => sample.Has(labels))
        .Where(sample => NamesOf(metric).Contains(sample.Name))
        .Sum(sample => sample.Value);

    /// <summary>The sum of an instrument's measurements that have all of these tags, as they go to OTLP.</summary>
    public double Measured(string instrument, params (string Key, string Value)[] tags)
    {
        lock (_lock)
        {
            return _measured
                .Where(each => each.Name == instrument && tags.All(tag => each.Tags.Contains(new(tag.Key, tag.Value))))
                .Sum(each => each.Value);
        }
    }

    /// <summary>The page as it is now.</summary>
    public IEnumerable<PrometheusSample> Page()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_gateway.Management, Management.MetricsPath));
        using var answer = _gateway.Http.Send(request);
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        return PrometheusText.Parse(reader.ReadToEnd()).Values.SelectMany(family => family.Samples);
    }

    public void Dispose() => _listener.Dispose();

    private static string[] NamesOf(string metric) =>
    [
        MetricFamily.OfInstrument(metric, null, MetricType.Counter, "").Name,
        MetricFamily.OfInstrument(metric, null, MetricType.Gauge, "").Name,
        MetricFamily.OfInstrument(metric, "1", MetricType.Gauge, "").Name,
        MetricFamily.OfInstrument(metric, "s", MetricType.Histogram, "").Name + "_count",
    ];

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            _measured.Add((instrument.Name, value, tags.ToArray()));
        }
    }
}
