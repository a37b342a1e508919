using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>What one gateway measured since this was made. Tests run beside each other, and a listener hears the meters of them all.</summary>
internal sealed class Counts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _measured = [];

    public Counts(RunningGateway gateway)
    {
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

    /// <summary>The sum of an instrument's measurements that have all of these labels.</summary>
    public double Of(string instrument, params (string Key, string Value)[] labels)
    {
        lock (_lock)
        {
            return _measured
                .Where(each => each.Name == instrument && labels.All(label => each.Tags.Contains(new(label.Key, label.Value))))
                .Sum(each => each.Value);
        }
    }

    /// <summary>Asks the gauges.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            _measured.Add((instrument.Name, value, tags.ToArray()));
        }
    }
}
