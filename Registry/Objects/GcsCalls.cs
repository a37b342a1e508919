using System.Net;
using Polly;
using Polly.Retry;

namespace Sluice.Registry.Objects;

/// <summary>Calls of Google Cloud Storage's JSON API: with a token, tried again when they fail in a way that passes.</summary>
internal sealed class GcsCalls : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;
    private readonly GcsTokens _tokens;
    private readonly string _store;
    private readonly ResiliencePipeline<HttpResponseMessage> _retries;

    public GcsCalls(GcsOptions options, string store, TimeProvider time)
    {
        _store = store;
        _http = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            AllowAutoRedirect = false, // a token goes nowhere but to the address of the settings
            UseCookies = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // bounded below, until the headers; bodies may take long
        };
        _tokens = new GcsTokens(options, _http, time);
        _retries = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 4,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().HandleResult(answer => IsPassing(answer.StatusCode)),
                OnRetry = attempt =>
                {
                    attempt.Outcome.Result?.Dispose();
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Sends a request until its headers.</summary>
    /// <param name="create">Makes the request; again for each attempt.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="accepted">Statuses that are answers beside those of success.</param>
    /// <exception cref="ObjectStoreException">Any other status, or no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> create, CancellationToken cancellationToken, params HttpStatusCode[] accepted)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _retries.ExecuteAsync(async token => await SendOnceAsync(create, token), cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            throw ObjectStoreException.Of(_store, ObjectStoreFault.Unavailable, null, exception);
        }

        if (answer.IsSuccessStatusCode || accepted.Contains(answer.StatusCode))
        {
            return answer;
        }

        var status = (int)answer.StatusCode;
        answer.Dispose();
        throw ObjectStoreException.Of(_store, ObjectStoreException.FaultOf(status), $"status {status}");
    }

    public void Dispose()
    {
        _http.Dispose();
        _tokens.Dispose();
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LongestWait);
        try
        {
            using var request = create();
            request.Headers.Authorization = await _tokens.GetAsync(patience.Token);
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"No answer within {LongestWait.TotalSeconds} s.", exception);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status is >= 500 and not 507;
}
