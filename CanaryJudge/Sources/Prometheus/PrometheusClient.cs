using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Sluice.CanaryJudge.Sources.Prometheus;

/// <summary>Asks Prometheus' API, or one that speaks like it. What goes wrong is in the answer, never thrown.</summary>
internal sealed class PrometheusClient : IDisposable
{
    private const int LongestAnswer = 64 * 1024 * 1024;
    private const int Attempts = 3;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public PrometheusClient(IOptions<PrometheusOptions> options, TimeProvider time)
    {
        var url = options.Value.Url ?? throw new OptionsValidationException(
            nameof(PrometheusOptions), typeof(PrometheusOptions), ["Judge:Prometheus:Url is missing: set it to Prometheus' http address."]);
        (_timeout, _time) = (options.Value.Timeout, time);

        // A redirect is a login page more often than not, and would turn the POST into a GET.
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.Value.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        };
        _http = new HttpClient(connections)
        {
            BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"),
            MaxResponseContentBufferSize = LongestAnswer,
            Timeout = Timeout.InfiniteTimeSpan, // each attempt has its own
        };
        if (options.Value.Token is { Length: > 0 } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The raw samples that a range selector names.</summary>
    /// <param name="selector">A range selector.</param>
    /// <param name="at">The end of the range.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<PrometheusAnswer> ReadRangeAsync(string selector, DateTimeOffset at, CancellationToken cancellationToken)
    {
        for (var (attempt, delay) = (1, FirstDelay); ; attempt++, delay *= 4)
        {
            var answer = await TryAsync(selector, at, cancellationToken);
            if (answer.Problem is null || !answer.MayPass || attempt == Attempts)
            {
                return answer;
            }

            await Task.Delay(delay, _time, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<PrometheusAnswer> TryAsync(string selector, DateTimeOffset at, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["query"] = selector,
            ["time"] = (at.ToUnixTimeMilliseconds() / 1000m).ToString(CultureInfo.InvariantCulture),
            ["timeout"] = string.Create(CultureInfo.InvariantCulture, $"{_timeout.TotalMilliseconds:0}ms"),
        });
        try
        {
            using var answer = await _http.PostAsync(new Uri("api/v1/query", UriKind.Relative), form, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return PrometheusAnswer.Read((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return PrometheusAnswer.Failed(string.Create(CultureInfo.InvariantCulture, $"it did not answer within {_timeout.TotalSeconds:0.#} s"), mayPass: true);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            return PrometheusAnswer.Failed($"it could not be asked: {exception.Message}", mayPass: true);
        }
    }
}
