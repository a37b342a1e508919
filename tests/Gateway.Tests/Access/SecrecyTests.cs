using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Access;

/// <summary>A caller's credential is seen by nobody: no replica, log, span, metric or answer.</summary>
public sealed class SecrecyTests
{
    private const string Infer = "/v2/models/wine/infer";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_credential_is_in_no_header_upstream_no_log_no_span_no_metric_and_no_answer()
    {
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => spans.Enqueue(Describe(span)),
        };
        ActivitySource.AddActivityListener(listener);
        await using var stage = await Stage.SetWithCanaryAsync(5000, stables: 1, ("Gateway:Access", "keys"), ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"), ("Logging:Console:LogLevel:Default", "None"));
        using var log = new LogLines();
        stage.Gateway.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        TestKey[] keys =
        [
            new TestKey("good"), new TestKey("other", model: "beer"), new TestKey("unfit", scope: Scopes.Register),
            new TestKey("old", expiresAt: DateTimeOffset.UnixEpoch), new TestKey("slow", limit: new RateLimit(0.01, 1)),
        ];
        foreach (var key in keys)
        {
            stage.Registry.Key(key.Key);
        }

        await stage.CaughtUpAsync();
        stage.Predictor(1).Answer = context =>
        {
            context.Response.StatusCode = 500; // the canary's, so that stable is asked as well
            return Task.CompletedTask;
        };
        string[] secrets = [.. keys.SelectMany(key => new[] { key.Primary, key.Secondary }), KeySecret.NewText(), "eyJhbGciOiJFUzI1NiJ9.c2VjcmV0LXBheWxvYWQ.c2lnbmF0dXJl", "my-own-password-4711"];
        var answers = new StringBuilder();
        foreach (var secret in secrets)
        {
            foreach (var (method, path) in new[] { ("POST", Infer), ("POST", Infer), ("POST", "/invocations"), ("POST", "/v1/models/wine:predict"), ("GET", "/v2/models/wine"), ("POST", "/v2/repository/index"), ("GET", "/nothing") })
            {
                foreach (var form in new[] { $"Bearer {secret}", secret, $"Basic {secret}" })
                {
                    using var answer = await stage.Http.SendAsync(method, path, form, (SluiceHeaders.Model, "wine"));
                    answers.Append(answer).Append(await answer.Content.ReadAsStringAsync(Token));
                }
            }
        }

        // A header line that is broken is told by the server itself.
        answers.Append(await RawHttp.StatusAsync(stage.Gateway.Address, $"POST {Infer} HTTP/1.1\r\nHost: a\r\nAuthorization Bearer {secrets[0]}\r\n\r\n"));
        using var page = await stage.Http.GetAsync(new Uri(stage.Gateway.Management, Management.MetricsPath), Token);
        var metrics = await page.Content.ReadAsStringAsync(Token);
        var upstream = string.Join('\n', new[] { stage.Predictor(0), stage.Predictor(1) }.SelectMany(predictor => predictor.Seen).Select(seen =>
            $"{seen.Path}{seen.Query} {string.Join(' ', seen.Headers.Select(header => $"{header.Key}: {header.Value}"))}"));

        Assert.Contains("Refused a caller", log.Text, StringComparison.Ordinal); // the places are not empty
        Assert.Contains("/v2/models/wine", upstream, StringComparison.Ordinal);
        Assert.Contains("sluice_gateway_refused_total", metrics, StringComparison.Ordinal);
        await Eventually.BecomesTrueAsync(() => spans.Any(span => span.StartsWith("forward", StringComparison.Ordinal)));
        foreach (var secret in secrets)
        {
            foreach (var (place, text) in new[] { ("upstream", upstream), ("log", log.Text), ("spans", string.Join('\n', spans)), ("metrics", metrics), ("answers", answers.ToString()) })
            {
                Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{secret} is in {place}");
            }
        }

        foreach (var name in keys.Select(key => key.Key.Name))
        {
            Assert.DoesNotContain($"\"{name}\"", metrics, StringComparison.Ordinal);
        }
    }

    private static string Describe(Activity span) =>
        $"{span.OperationName} {span.DisplayName} {string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))} {string.Join(' ', span.Baggage.Select(item => item.Value))} "
        + string.Join(' ', span.Events.SelectMany(each => each.Tags).Select(tag => tag.Value));

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            _lines.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");


        public void Dispose()
        {
        }
    }
}
