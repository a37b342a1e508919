using System.Net.Http.Headers;
using System.Text.Json;

namespace Sluice.Registry.Objects;

/// <summary>Bearer tokens for Google Cloud Storage: a setting's, a file's, or the metadata server's, which is asked again before one ends.</summary>
internal sealed class GcsTokens(GcsOptions options, HttpClient http, TimeProvider time) : IDisposable
{
    private const string TokenPath = "computeMetadata/v1/instance/service-accounts/default/token";

    /// <summary>How long before its end a token is not used any more.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(4);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private string _token = "";
    private DateTimeOffset _usedUntil = DateTimeOffset.MinValue;

    /// <summary>A token that is good now.</summary>
    /// <exception cref="HttpRequestException">The metadata server did not give one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async ValueTask<AuthenticationHeaderValue> GetAsync(CancellationToken cancellationToken)
    {
        var token = options switch
        {
            { Token: { Length: > 0 } set } => set,
            { TokenFile: { Length: > 0 } file } => (await File.ReadAllTextAsync(file, cancellationToken)).Trim(),
            _ => await AskAsync(cancellationToken),
        };
        return new AuthenticationHeaderValue("Bearer", token);
    }

    public void Dispose() => _asking.Dispose();

    private async ValueTask<string> AskAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (time.GetUtcNow() < _usedUntil)
            {
                return _token;
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.MetadataServer, TokenPath));
            request.Headers.Add("Metadata-Flavor", "Google");
            using var answer = await http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
            using var body = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            _token = body.RootElement.GetProperty("access_token").GetString() ?? "";
            _usedUntil = time.GetUtcNow() + TimeSpan.FromSeconds(body.RootElement.GetProperty("expires_in").GetInt64()) - Margin;
            return _token;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HttpRequestException("The metadata server's answer is no token.", exception);
        }
        finally
        {
            _asking.Release();
        }
    }
}
