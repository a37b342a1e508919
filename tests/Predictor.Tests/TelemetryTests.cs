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
    public async Task Requests_waits_runs_and_loads_are_measured_by_model()
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

        stage.Registry.Serve("lookup", OnnxModels.Lookup());
        stage.Registry.Serve("bad", [1]);
        await stage.ReadyAsync("lookup");
        await stage.FailureAsync("bad");
        await predictor.InferAsync("lookup", Body("1"));
        await predictor.InferAsync("lookup", Body("7"));
        await predictor.InferAsync("lookup", Body("true"));
        await predictor.InferAsync("unknown", Body("1"));
        listener.RecordObservableInstruments();

        // By model only: an instrument never loses a series, and versions come and go. The page has each version's.
        const string Lookup = "model=lookup";
        await Eventually.BecomesTrueAsync(() => seen.Contains((MetricNames.PredictorRequests, $"{Lookup},outcome=client")));
        Assert.Contains((MetricNames.PredictorRequests, $"{Lookup},outcome=ok"), seen);
        Assert.Contains((MetricNames.PredictorRequests, $"{Lookup},outcome=model"), seen);
        Assert.Equal(3, seen.Count(each => each == (MetricNames.PredictorRequestDuration, Lookup)));
        Assert.Equal(2, seen.Count(each => each == (MetricNames.PredictorComputeDuration, Lookup)));
        Assert.Equal(2, seen.Count(each => each == (MetricNames.PredictorQueueDuration, Lookup)));
        Assert.Contains((MetricNames.PredictorModelLoadDuration, Lookup), seen);
        Assert.Contains(("sluice.predictor.model.load.failures", "model=bad"), seen);
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
