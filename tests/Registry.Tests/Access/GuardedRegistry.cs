using System.Net.Http.Headers;

namespace Sluice.Registry.Tests.Access;

/// <summary>A Registry that requires keys.</summary>
public class GuardedRegistry() : RunningRegistry(settings: Settings)
{
    private static readonly string[] Names = ["gateway", "predictor", "judge", "admin"];

    /// <summary>Its settings: keys are required, and every service has a secret.</summary>
    public static Dictionary<string, string?> Settings => new(Names.ToDictionary(service => $"Registry:Services:{service}:Token", string? (service) => SecretOf(service)))
    {
        ["Registry:Access"] = "keys",
    };

    /// <summary>The secret of a service.</summary>
    public static string SecretOf(string service) => $"{service}-secret-0123456789abcdef";

    /// <summary>Sends a request with an Authorization header as it stands.</summary>
    public Task<HttpResponseMessage> SendAsync(string method, string path, string? authorization, string body = "{}") =>
        Http.SendAsAsync(method, path, authorization, body);
}

/// <summary>Requests with credentials.</summary>
internal static class GuardedCalls
{
    /// <summary>Sends a request with an Authorization header as it stands; PUT and POST with a JSON body.</summary>
    public static async Task<HttpResponseMessage> SendAsAsync(this HttpClient http, string method, string path, string? authorization, string body = "{}")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (method is "PUT" or "POST")
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
