using System.Net;
using NuGet.Configuration;

namespace Sluice.Feed;

/// <summary>GET requests to one package source, with its credentials, and with patience for a passing fault.</summary>
internal sealed class Web : IDisposable
{
    private const int Attempts = 3;
    private readonly HttpClient _http;

    public Web(PackageSource source)
    {
        Address = source.SourceUri;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            Credentials = source.Credentials?.ToICredentials(),
            PreAuthenticate = source.Credentials is not null,
            MaxConnectionsPerServer = 8,
        })
        {
            Timeout = TimeSpan.FromSeconds(15),
        };
    }

    /// <summary>The source's address as configured.</summary>
    public Uri Address { get; }

    /// <summary>The body of the answer; null when the server says that there is no such thing.</summary>
    /// <exception cref="FeedException">There was no answer, or one that says neither yes nor no.</exception>
    public async Task<byte[]?> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            string fault;
            try
            {
                using var answer = await _http.GetAsync(address, cancellationToken);
                if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                {
                    return null;
                }

                if (answer.IsSuccessStatusCode)
                {
                    return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
                }

                fault = $"it answers {(int)answer.StatusCode} {answer.ReasonPhrase}";
                attempt = answer.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError ? attempt : Attempts;
            }
            catch (HttpRequestException exception)
            {
                fault = exception.Message;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                fault = "no answer in time";
            }

            if (attempt >= Attempts)
            {
                throw new SourceUnreachableException($"the package source {Address} gives no answer ({address}): {fault}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();
}
