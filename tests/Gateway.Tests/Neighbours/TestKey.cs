using Sluice.Contracts;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>An API key with its secrets.</summary>
public sealed class TestKey
{
    public TestKey(string name, string? model = null, string scope = Scopes.Infer, DateTimeOffset? expiresAt = null, RateLimit? limit = null) => Key = new ApiKey
    {
        Name = name,
        Scopes = [scope],
        Model = model,
        CreatedAt = DateTimeOffset.UnixEpoch,
        ExpiresAt = expiresAt,
        RateLimit = limit,
        Primary = KeySecret.Of(Primary, DateTimeOffset.UnixEpoch),
        Secondary = KeySecret.Of(Secondary, DateTimeOffset.UnixEpoch),
    };

    public string Primary { get; } = KeySecret.NewText();

    public string Secondary { get; } = KeySecret.NewText();

    public ApiKey Key { get; }

    /// <summary>The header's value.</summary>
    public string Bearer => $"Bearer {Primary}";
}

/// <summary>Requests with an Authorization header as it stands.</summary>
internal static class KeyedCalls
{
    public static async Task<HttpResponseMessage> SendAsync(this HttpClient http, string method, string path, string? authorization, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (method == "POST")
        {
            request.Content = RunningGateway.Json("{}");
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task<int> StatusAsync(this HttpClient http, string method, string path, string? authorization)
    {
        using var answer = await http.SendAsync(method, path, authorization);
        return (int)answer.StatusCode;
    }
}
