using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>An answer that a user got.</summary>
/// <param name="Status">Its status; null when the connection broke.</param>
/// <param name="Version">The version that it names.</param>
/// <param name="Problem">What was wrong with it; null when nothing was.</param>
/// <param name="Took">How long the user waited.</param>
internal sealed record Received(HttpStatusCode? Status, string? Version, string? Problem, TimeSpan Took);

/// <summary>
/// Users of one model: several that send one request after the other until they are stopped. Every answer is compared with what the version that it names
/// answers to that row when nothing is broken.
/// </summary>
internal sealed class Traffic
{
    /// <summary>How many send at once.</summary>
    public const int Users = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly HttpClient _http;
    private readonly string _model;
    private readonly KnownAnswers _known;
    private readonly TimeSpan? _deadline;
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly Task _sending;
    private volatile bool _isOver;

    private Traffic(HttpClient http, string model, KnownAnswers known, TimeSpan? deadline)
    {
        (_http, _model, _known, _deadline) = (http, model, known, deadline);
        _sending = Task.WhenAll(Enumerable.Range(0, Users).Select(user => Task.Run(() => SendAsync(user))));
    }

    /// <summary>Requests that a story needs at least: enough that a rare failure shows.</summary>
    public static int Least { get; } = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is { Length: > 0 } ? 20_000 : 2_000;

    /// <summary>What was answered so far.</summary>
    public IReadOnlyCollection<Received> Received => _received;

    /// <summary>Starts it.</summary>
    /// <param name="http">Speaks to the gateways.</param>
    /// <param name="model">Asked.</param>
    /// <param name="known">What is asked, and what is right.</param>
    /// <param name="deadline">The time that each request is given; null for the gateway's own.</param>
    public static Traffic Start(HttpClient http, string model, KnownAnswers known, TimeSpan? deadline = null) => new(http, model, known, deadline);

    /// <summary>Waits until so many more requests were answered.</summary>
    public Task MoreAsync(int count)
    {
        var until = _received.Count + count;
        return Eventually.BecomesTrueAsync(() => _received.Count >= until, TimeSpan.FromMinutes(5), $"{until} requests are answered");
    }

    /// <summary>Sends on until there are enough, and stops.</summary>
    public async Task<IReadOnlyList<Received>> EndAsync()
    {
        if (Least - _received.Count is > 0 and var missing)
        {
            await MoreAsync(missing);
        }

        _isOver = true;
        await _sending.WaitAsync(TimeSpan.FromSeconds(60));
        return [.. _received];
    }

    private async Task SendAsync(int user)
    {
        for (var number = user; !_isOver; number++)
        {
            _received.Enqueue(await AskAsync(number % _known.Rows));
            await Task.Delay(Pause);
        }
    }

    private async Task<Received> AskAsync(int row)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/models/{_model}/infer") { Content = new ByteArrayContent(_known.RequestOf(row)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (_deadline is { } deadline)
            {
                request.Headers.Add(SluiceHeaders.TimeoutMilliseconds, deadline.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
            }

            using var answer = await _http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            var version = answer.Headers.TryGetValues(SluiceHeaders.Version, out var values) ? values.Single() : null;
            var problem = answer.StatusCode != HttpStatusCode.OK ? $"{(int)answer.StatusCode}: {body}"
                : body != _known.Of(version, row) ? $"version {version} does not say to row {row}: {body}"
                : null;
            return new Received(answer.StatusCode, version, problem, watch.Elapsed);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return new Received(null, null, exception.GetBaseException().Message, watch.Elapsed);
        }
    }
}
