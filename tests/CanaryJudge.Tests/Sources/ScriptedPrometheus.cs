using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.CanaryJudge.Sources.Prometheus;

namespace Sluice.CanaryJudge.Tests.Sources;

/// <summary>Stands in for Prometheus on a real socket: it answers what was recorded, or whatever a test has it answer.</summary>
internal sealed class ScriptedPrometheus : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedPrometheus(WebApplication app) => _app = app;

    /// <summary>What it has.</summary>
    public Recording Recording { get; set; } = new();

    /// <summary>Answers in its place; null: what was recorded.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>The forms that were posted.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Asked { get; } = new();

    /// <summary>The Authorization header of the last question.</summary>
    public string? Authorization { get; private set; }

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/under/a/path");

    public static async Task<ScriptedPrometheus> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var scripted = new ScriptedPrometheus(builder.Build());
        scripted._app.MapPost("/under/a/path/api/v1/query", scripted.AnswerAsync);
        await scripted._app.StartAsync();
        return scripted;
    }

    /// <summary>A source that asks it.</summary>
    public PrometheusSource Source(TimeProvider time, TimeSpan? timeout = null, string? token = null) => SourceOf(Url, time, timeout, token);

    public static PrometheusSource SourceOf(Uri url, TimeProvider time, TimeSpan? timeout = null, string? token = null) =>
        new(ClientOf(url, time, timeout, token), time);

    public static PrometheusClient ClientOf(Uri url, TimeProvider time, TimeSpan? timeout = null, string? token = null) =>
        new(Options.Create(new PrometheusOptions { Url = url, Token = token, Timeout = timeout ?? TimeSpan.FromSeconds(30) }), time);

    /// <summary>Answers with a body.</summary>
    public static Func<HttpContext, Task> Body(int status, string body, string? type = "application/json") => context =>
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, type);
        return context.Response.WriteAsync(body);
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100)); // requests that a test lets hang
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var form = (await context.Request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString());
        Authorization = context.Request.Headers.Authorization;
        Asked.Enqueue(form);
        await (Instead ?? Body(200, Recording.Answer(form["query"]), "application/json; charset=utf-8"))(context);
    }
}

/// <summary>What a Prometheus has scraped.</summary>
internal sealed class Recording
{
    private readonly List<(SortedDictionary<string, string> Labels, List<(DateTimeOffset At, string Value)> Samples)> _series = [];

    /// <summary>A scrape of one gateway's page.</summary>
    /// <param name="at">When.</param>
    /// <param name="gateway">Whose page it is.</param>
    /// <param name="target">The labels of the target, e.g. <c>instance=g1:8090</c>.</param>
    /// <param name="values">Series as on the page, e.g. <c>sluice_gateway_mirror_total model=wine result=agree</c>, with their values.</param>
    public Recording Scrape(DateTimeOffset at, string gateway, string[] target, params (string Series, string Value)[] values)
    {
        foreach (var (series, value) in values.Prepend(($"sluice_gateway_info gateway={gateway}", "1")))
        {
            Add(series.Split(' '), target, at, value);
        }

        return this;
    }

    /// <summary>A scrape of something else.</summary>
    public Recording Add(DateTimeOffset at, string[] target, params (string Series, string Value)[] values)
    {
        foreach (var (series, value) in values)
        {
            Add(series.Split(' '), target, at, value);
        }

        return this;
    }

    /// <summary>A scrape with one count of each version.</summary>
    public Recording Scrape(DateTimeOffset at, string gateway, string stable = "100", string canary = "5", params string[] target) =>
        Scrape(at, gateway, target.Length == 0 ? [$"instance={gateway}:8090"] : target, (Requests(1), stable), (Requests(2), canary));

    /// <summary>The series of requests that were ok.</summary>
    public static string Requests(int version) => $"sluice_gateway_requests_total model=wine version={version} outcome=ok";

    public string Answer(string query)
    {
        var kind = KindOf(query.TrimStart('{'));
        var text = new StringBuilder("""{"status":"success","data":{"resultType":"matrix","result":[""");
        var chosen = _series.Where(series => KindOf(series.Labels["__name__"]) == kind).Select(series =>
            $$$"""{"metric":{{{{string.Join(',', series.Labels.Select(label => $"\"{label.Key}\":\"{label.Value}\""))}}}},"values":[{{{string.Join(',', series.Samples.Select(sample => FormattableString.Invariant($"[{sample.At.ToUnixTimeMilliseconds() / 1000m},\"{sample.Value}\"]")))}}}]}""");
        return text.AppendJoin(',', chosen).Append("]}}").ToString();
    }

    // Which of the judge's questions something answers.
    private static int KindOf(string name) => name.StartsWith("sluice_gateway_info", StringComparison.Ordinal) ? 0 : name.StartsWith("sluice_predictor", StringComparison.Ordinal) ? 1 : 2;

    // As Prometheus does it: a label of the target of the same name pushes the page's aside.
    private void Add(string[] series, string[] target, DateTimeOffset at, string value)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["__name__"] = series[0], ["job"] = "gateway" };
        foreach (var pair in target.Select(text => text.Split('=')))
        {
            labels[pair[0]] = pair[1];
        }

        foreach (var pair in series.Skip(1).Select(text => text.Split('=')))
        {
            labels[labels.ContainsKey(pair[0]) ? "exported_" + pair[0] : pair[0]] = pair[1];
        }

        var known = _series.FirstOrDefault(each => each.Labels.SequenceEqual(labels));
        if (known.Labels is null)
        {
            _series.Add(known = (labels, []));
        }

        known.Samples.Add((at, value));
    }
}
