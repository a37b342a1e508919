using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.Sources;

/// <summary>What is made of the answers of a Prometheus, good and bad. No data is not good data.</summary>
public sealed class PrometheusSourceTests : IAsyncLifetime
{
    private const string Matrix = """{"status":"success","data":{"resultType":"matrix","result":[]}""";

    private readonly ManualTime _time = new();
    private ScriptedPrometheus _prometheus = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _prometheus = await ScriptedPrometheus.StartAsync();

    public ValueTask DisposeAsync() => _prometheus.DisposeAsync();

    [Fact]
    public async Task Raw_samples_come_by_gateway_with_the_labels_that_the_gateway_gave_them()
    {
        _prometheus.Recording.Scrape(Ago(30), "g1", "100", "5").Scrape(Ago(15), "g1", "190", "10").Scrape(Ago(13), "g2", "7", "0");

        var reading = await ReadAsync(["g1", "g2"], Ago(60));

        Assert.Null(reading.Blind);
        Assert.Empty(reading.Missing);
        Assert.Equal(_time.GetUtcNow(), reading.At);
        Assert.Equal([(Ago(30), 100), (Ago(15), 190)], Samples(reading, "g1", 1));
        Assert.Equal([(Ago(30), 5), (Ago(15), 10)], Samples(reading, "g1", 2));
        Assert.Equal([(Ago(13), 7)], Samples(reading, "g2", 1));
        Assert.Equal(4, reading.Series.Count);
        Assert.All(reading.Series, series => Assert.Equal(["model", "outcome", "version"], series.Labels.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task The_questions_are_of_one_moment_and_name_the_model_and_the_versions_whole()
    {
        _prometheus.Recording.Scrape(Ago(1), "g1");

        await ReadAsync(["g1"], Ago(60), token: "secret");

        Assert.Equal(3, _prometheus.Asked.Count);
        var (first, second, third) = (_prometheus.Asked.First(), _prometheus.Asked.ElementAt(1), _prometheus.Asked.Last());
        Assert.Equal("sluice_gateway_info[240000ms]", first["query"]);
        Assert.Equal(
            "{__name__=~\"sluice_gateway_requests_total|sluice_gateway_request_duration_seconds_bucket|sluice_gateway_request_duration_seconds_count|sluice_gateway_mirror_total"
            + "|sluice_gateway_route_weight_ratio|sluice_gateway_route_generation\",model=\"wine\",version=~\"1|2|\"}[240000ms]",
            second["query"]);
        Assert.Equal("sluice_predictor_predictions_total{model=\"wine\",version=~\"1|2\"}[240000ms]", third["query"]);
        Assert.Equal((first["time"], "30000ms"), (second["time"], second["timeout"]));
        Assert.Equal(first["time"], third["time"]);
        Assert.Equal("Bearer secret", _prometheus.Authorization);
        await Assert.ThrowsAsync<ArgumentException>(() => _prometheus.Source(_time).ReadAsync(new("wine\"} or {a=\"", 1, 2, Ago(1), [Gateway("g1")]), Token));
    }

    [Theory]
    [InlineData(200, Matrix + ""","warnings":["store g7 did not answer"]}""", "warning: store g7 did not answer", 1)]
    [InlineData(200, """{"status":"error","errorType":"execution","error":"too many samples","data":{"resultType":"matrix","result":[]}}""", "too many samples", 1)]
    [InlineData(422, """{"status":"error","errorType":"execution","error":"too many samples"}""", "answered 422, execution: too many samples", 1)]
    [InlineData(400, """{"status":"error","errorType":"bad_data","error":"parse error"}""", "answered 400, bad_data: parse error", 1)]
    [InlineData(503, """{"status":"error","errorType":"timeout","error":"query timed out"}""", "answered 503, timeout: query timed out", 3)]
    [InlineData(503, Matrix + "}", "answered 503", 3)]
    [InlineData(401, "", "answered 401", 1)]
    [InlineData(500, "{", "answered 500", 3)]
    [InlineData(200, "", "not of the form", 1)]
    [InlineData(200, "null", "not of the form", 1)]
    [InlineData(200, "[]", "not of the form", 1)]
    [InlineData(200, """{"status":"success"}""", "not of the form", 1)]
    [InlineData(200, Matrix, "not of the form", 1)] // cut off
    [InlineData(200, """{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}""", "no range of samples", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}""", "no range of samples", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{}]]}]}}""", "not of the form", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"values":[]},{"metric":{"a":"1"},"values":[]}]}}""", "not of the form", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":null},"values":[]}]}}""", "not of the form", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1",2]]}]}}""", "not of the form", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"one"]]}]}}""", "not of the form", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,1]]}]}}""", "not of the form", 1)]
    [InlineData(200, """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1e300,"1"]]}]}}""", "not of the form", 1)]
    [InlineData(200, Matrix + "}", "no sluice_gateway_info for", 1)]
    public async Task An_answer_that_is_none_is_blindness(int status, string body, string words, int attempts)
    {
        _prometheus.Recording.Scrape(Ago(1), "g1");
        _prometheus.Instead = ScriptedPrometheus.Body(status, body);

        AssertBlind(await ReadAsync(["g1"], Ago(60), TimeProvider.System), words);

        Assert.Equal(attempts, _prometheus.Asked.Count);
    }

    [Theory]
    [InlineData(200, "text/html", "answered 200 as text/html")]
    [InlineData(302, "text/html", "answered 302 as text/html")]
    [InlineData(502, "text/html", "answered 502 as text/html")]
    [InlineData(200, null, "answered 200 as nothing named")]
    public async Task A_proxys_page_is_blindness(int status, string? type, string words)
    {
        _prometheus.Instead = context =>
        {
            context.Response.Headers.Location = "/login";
            return ScriptedPrometheus.Body(status, "<html>Sign in</html>", type)(context);
        };
        AssertBlind(await ReadAsync(["g1"], Ago(60), TimeProvider.System), words);
    }

    [Fact]
    public async Task Bad_second_answers_are_blindness_too()
    {
        _prometheus.Recording.Scrape(Ago(1), "g1");
        var recorded = _prometheus.Recording;
        _prometheus.Instead = context => ScriptedPrometheus.Body(200, _prometheus.Asked.Count == 1 ? recorded.Answer("sluice_gateway_info[1ms]") : Matrix + ""","warnings":["partial"]}""")(context);

        AssertBlind(await ReadAsync(["g1"], Ago(60)), "partial");
    }

    [Fact]
    public async Task What_passes_is_tried_again_and_what_passed_is_forgotten()
    {
        _prometheus.Recording.Scrape(DateTimeOffset.UtcNow, "g1");
        _prometheus.Instead = context => _prometheus.Asked.Count <= 2
            ? ScriptedPrometheus.Body(503, "")(context)
            : ScriptedPrometheus.Body(200, _prometheus.Recording.Answer(_prometheus.Asked.Last()["query"]))(context);

        var reading = await ReadAsync(["g1"], DateTimeOffset.UtcNow.AddMinutes(-1), TimeProvider.System);

        Assert.Null(reading.Blind);
        Assert.Empty(reading.Missing);
        Assert.Equal(5, _prometheus.Asked.Count);
    }

    [Fact]
    public async Task What_was_predicted_comes_with_it_and_is_not_missed()
    {
        const string Predicted = "sluice_predictor_predictions_total model=wine version=2 device=cpu class=a";
        _prometheus.Recording.Scrape(Ago(6), "g1").Scrape(Ago(1), "g1").Add(Ago(5), ["instance=p1"], (Predicted, "7")).Add(Ago(1), ["instance=p1"], (Predicted, "9"));

        var series = Assert.Single((await ReadAsync(["g1"], Ago(60))).Predictions);
        Assert.Equal([7, 9], series.Samples.Select(sample => sample.Value));
        Assert.Equal(("a", "2"), (series.Labels["class"], series.Labels["version"]));

        _prometheus.Instead = context => _prometheus.Asked.Last()["query"].StartsWith("sluice_predictor", StringComparison.Ordinal)
            ? ScriptedPrometheus.Body(422, "{}")(context)
            : ScriptedPrometheus.Body(200, _prometheus.Recording.Answer(_prometheus.Asked.Last()["query"]))(context);
        var without = await ReadAsync(["g1"], Ago(60));
        Assert.Empty(without.Predictions);
        Assert.Null(without.Blind);
        Assert.Equal(2, without.Series.Count);
    }

    [Fact]
    public async Task A_Prometheus_that_hangs_is_blindness_for_as_long_as_it_hangs()
    {
        _prometheus.Recording.Scrape(DateTimeOffset.UtcNow, "g1");
        _prometheus.Instead = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var hanging = _prometheus.Source(TimeProvider.System, TimeSpan.FromMilliseconds(300));
        AssertBlind(await hanging.ReadAsync(Query(["g1"], Ago(60)), Token), "did not answer within 0.3 s");
        Assert.Equal(3, _prometheus.Asked.Count);

        _prometheus.Instead = null;
        Assert.Null((await _prometheus.Source(TimeProvider.System).ReadAsync(Query(["g1"], DateTimeOffset.UtcNow), Token)).Blind);
    }

    [Fact]
    public async Task A_Prometheus_that_is_not_there_is_blindness_and_a_cancelled_reading_is_none()
    {
        var nobody = ScriptedPrometheus.SourceOf(new Uri($"http://127.0.0.1:{FreePort.Take(1)[0]}"), TimeProvider.System);
        AssertBlind(await nobody.ReadAsync(Query(["g1"], Ago(60)), Token), "could not be asked");
        AssertBlind(await ReadAsync([], Ago(60)), "no gateway is registered");

        using var cancelled = new CancellationTokenSource();
        _prometheus.Instead = async context =>
        {
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _prometheus.Source(_time).ReadAsync(Query(["g1"], Ago(60)), cancelled.Token));
    }

    [Theory]
    [InlineData("NaN", "NaN")]
    [InlineData("+Inf", "Infinity")]
    [InlineData("-Inf", "-Infinity")]
    public async Task A_count_that_is_no_number_takes_its_gateway_out_and_no_other(string value, string shown)
    {
        _prometheus.Recording.Scrape(Ago(15), "g1").Scrape(Ago(1), "g1", canary: value).Scrape(Ago(1), "g2");

        var reading = await ReadAsync(["g1", "g2"], Ago(60));

        Assert.Equal(("g1", $"its sluice_gateway_requests_total is {shown}"), (Assert.Single(reading.Missing).Key, reading.Missing["g1"]));
        Assert.All(reading.Series, series => Assert.Equal("g2", series.Gateway));
    }

    [Fact]
    public async Task Gateways_that_are_not_seen_are_named_with_the_reason()
    {
        _prometheus.Recording.Scrape(Ago(1), "fine").Scrape(Ago(75), "silent").Scrape(Ago(60), "silent").Scrape(Ago(45), "silent").Scrape(Ago(1), "stranger")
            .Scrape(Ago(1), "fresh", ["instance=fresh:8090"]).Scrape(Ago(1), "hidden", ["instance=hidden:8090", "version=7"]);

        var reading = await ReadAsync(["fine", "silent", "unknown", "fresh", "hidden"], Ago(60));

        Assert.Equal(4, reading.Missing.Count);
        Assert.Equal("it was last scraped 45 s ago", reading.Missing["silent"]);
        Assert.Equal("Prometheus does not scrape it", reading.Missing["unknown"]);
        Assert.Equal("it shows nothing of wine", reading.Missing["fresh"]);
        Assert.Contains("label version, which hides the gateway's own", reading.Missing["hidden"], StringComparison.Ordinal);
        Assert.Equal(["fine", "silent"], reading.Series.Select(series => series.Gateway).Distinct());
        Assert.Equal([(Ago(60), 100), (Ago(45), 100)], Samples(reading, "silent", 1)); // evidence all the same
    }

    [Fact]
    public async Task How_late_is_late_follows_from_how_often_is_scraped()
    {
        _prometheus.Recording.Scrape(Ago(175), "slow").Scrape(Ago(115), "slow").Scrape(Ago(55), "slow").Scrape(Ago(65), "quick").Scrape(Ago(60), "quick").Scrape(Ago(55), "quick").Scrape(Ago(55), "once");

        Assert.Equal(["once", "quick"], (await ReadAsync(["slow", "quick", "once"], Ago(180))).Missing.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_targets_of_one_gateway_at_once_are_not_counted()
    {
        _prometheus.Recording.Scrape(Ago(16), "g1").Scrape(Ago(15), "g1", "1", "1", "instance=other:8090").Scrape(Ago(1), "g1");

        var reading = await ReadAsync(["g1"], Ago(60));

        Assert.Contains("two targets claim to be it: {instance=\"g1:8090\",job=\"gateway\"} and {instance=\"other:8090\",job=\"gateway\"}", reading.Missing["g1"], StringComparison.Ordinal);
        Assert.Empty(reading.Series);
    }

    [Fact]
    public async Task A_gateway_that_moved_is_one_and_two_that_followed_each_other_at_one_address_are_two()
    {
        _prometheus.Recording
            .Scrape(Ago(31), "g1", "10", "1", "instance=a").Scrape(Ago(16), "g1", "20", "2", "instance=b", "rack=r1").Scrape(Ago(1), "g1", "30", "3", "instance=b", "rack=r1")
            .Scrape(Ago(31), "old", "500", "50", "instance=c").Scrape(Ago(16), "new", "5", "0", "instance=c").Scrape(Ago(1), "new", "6", "1", "instance=c");

        var reading = await ReadAsync(["g1", "new"], Ago(60));

        Assert.Empty(reading.Missing);
        Assert.Equal([(Ago(31), 10), (Ago(16), 20), (Ago(1), 30)], Samples(reading, "g1", 1));
        Assert.Equal([(Ago(16), 5), (Ago(1), 6)], Samples(reading, "new", 1));
    }

    [Fact]
    public async Task Edges_are_the_same_however_they_are_written_and_labels_that_were_pushed_aside_are_found()
    {
        string Bucket(string edge) => $"sluice_gateway_request_duration_seconds_bucket model=wine version=1 le={edge}";
        _prometheus.Recording
            .Scrape(Ago(16), "g1", ["instance=g1", "outcome=x", "gateway=y"], (Recording.Requests(1), "3"), (Bucket("1"), "4"), (Bucket("2.5"), "5"), (Bucket("+Inf"), "6"))
            .Scrape(Ago(1), "g1", ["instance=g1", "outcome=x", "gateway=y"], (Recording.Requests(1), "4"), (Bucket("1.0"), "5"), (Bucket("2.5e+00"), "6"), (Bucket("+Inf"), "7"));

        var reading = await ReadAsync(["g1"], Ago(60));

        Assert.Empty(reading.Missing);
        Assert.Equal([(Ago(16), 3), (Ago(1), 4)], Samples(reading, "g1", 1));
        Assert.Equal(["+Inf", "1", "2.5"], reading.Series.Where(series => series.Labels.ContainsKey("le")).Select(series => series.Labels["le"]).Order(StringComparer.Ordinal));
        Assert.All(reading.Series, series => Assert.Equal(2, series.Samples.Count));
    }

    [Fact]
    public async Task Of_what_is_known_already_only_the_last_sample_comes()
    {
        _prometheus.Recording.Scrape(Ago(46), "g1", "1").Scrape(Ago(31), "g1", "2").Scrape(Ago(16), "g1", "3").Scrape(Ago(1), "g1", "4");

        Assert.Equal([2, 3, 4], Samples(await ReadAsync(["g1"], Ago(31)), "g1", 1).Select(sample => sample.Value));
        Assert.Equal([2, 3, 4], Samples(await ReadAsync(["g1"], Ago(20)), "g1", 1).Select(sample => sample.Value));
        Assert.Equal([4], Samples(await ReadAsync(["g1"], Ago(0)), "g1", 1).Select(sample => sample.Value));
        Assert.Equal([1, 2, 3, 4], Samples(await ReadAsync(["g1"], DateTimeOffset.MinValue), "g1", 1).Select(sample => sample.Value));
    }

    private static void AssertBlind(Reading reading, string words)
    {
        Assert.Contains(words, reading.Blind, StringComparison.Ordinal);
        Assert.Empty(reading.Series);
    }

    private static GatewayStatus Gateway(string id) => new() { Id = id, Address = $"http://{id}" };

    private static MetricsQuery Query(string[] gateways, DateTimeOffset since) => new("wine", 1, 2, since, [.. gateways.Select(Gateway)]);

    private static (DateTimeOffset At, double Value)[] Samples(Reading reading, string gateway, int version) =>
        [.. Assert.Single(reading.Series, series => series.Gateway == gateway && series.Labels["version"] == $"{version}" && series.Name == "sluice_gateway_requests_total")
            .Samples.Select(sample => (sample.At, sample.Value))];

    private DateTimeOffset Ago(int seconds) => _time.GetUtcNow().AddSeconds(-seconds);

    private Task<Reading> ReadAsync(string[] gateways, DateTimeOffset since, TimeProvider? time = null, string? token = null) =>
        _prometheus.Source(time ?? _time, token: token).ReadAsync(Query(gateways, since), Token);
}
