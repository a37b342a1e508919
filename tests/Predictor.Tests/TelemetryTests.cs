using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Predictor.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Requests_runs_loads_and_loaded_versions_are_measured_by_model_and_version()
    {
        await using var stage = await Stage.SetWithoutPredictorAsync();
        var seen = new ConcurrentQueue<(string Name, string Tags)>();
        var predictor = stage.StartPredictor();
        using var listener = new MeterListener();
        var factory = predictor.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == MetricNames.PredictorMeter && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Enqueue((instrument.Name, TextOf(tags))));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => seen.Enqueue((instrument.Name, TextOf(tags))));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Enqueue((instrument.Name, TextOf(tags))));
        listener.Start();

        var digest = stage.Registry.Serve("lookup", OnnxModels.Lookup()).Digest;
        stage.Registry.Serve("bad", [1]);
        await stage.ReadyAsync("lookup");
        await stage.FailureAsync("bad");
        await predictor.InferAsync("lookup", Body("1"));
        await predictor.InferAsync("lookup", Body("7"));
        await predictor.InferAsync("lookup", Body("true"));
        await predictor.InferAsync("unknown", Body("1"));
        listener.RecordObservableInstruments();

        const string Lookup = "model=lookup,version=1";
        await Eventually.BecomesTrueAsync(() => seen.Contains((MetricNames.PredictorRequestDuration, $"{Lookup},outcome=client")));
        Assert.Contains((MetricNames.PredictorRequestDuration, $"{Lookup},outcome=ok"), seen);
        Assert.Contains((MetricNames.PredictorRequestDuration, $"{Lookup},outcome=model"), seen);
        Assert.Equal(2, seen.Count(each => each == (MetricNames.PredictorComputeDuration, Lookup)));
        Assert.Contains((MetricNames.PredictorModelLoadDuration, Lookup), seen);
        Assert.Contains((MetricNames.PredictorModelLoaded, $"{Lookup},digest={digest},device=cpu"), seen);
        Assert.Contains(("sluice.predictor.model.load.failures", "model=bad,version=1"), seen);
        Assert.DoesNotContain(seen, each => each.Tags.Contains("unknown", StringComparison.Ordinal)); // a caller cannot make series
    }

    [Fact]
    public async Task Run_is_a_span_within_the_callers_trace()
    {
        await using var stage = await Stage.SetAsync();
        stage.Registry.Serve("traced", OnnxModels.Lookup());
        await stage.ReadyAsync("traced");
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MetricNames.PredictorMeter,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/traced/infer") { Content = RunningPredictor.Json(Body("7")) };
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");

        await stage.Predictor.SendAsync(request, TestContext.Current.CancellationToken);

        var span = Assert.Single(spans, span => span.TraceId == trace);
        Assert.Equal("compute", span.OperationName);
        Assert.Equal("traced", span.GetTagItem("sluice.model"));
        Assert.Equal(1, span.GetTagItem("sluice.version"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    private static string Body(string x) => $$"""{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[{{x}}]}]}""";

    private static string TextOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var parts = new List<string>();
        foreach (var (key, value) in tags)
        {
            parts.Add($"{key}={value}");
        }

        return string.Join(',', parts);
    }
}
