using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Access;

/// <summary>A Registry that requires keys.</summary>
public class GuardedRegistry(string? dataDirectory = null, Dictionary<string, string?>? settings = null, TimeProvider? time = null)
    : RunningRegistry(dataDirectory, Merge(settings), time)
{
    private static readonly string[] Names = ["gateway", "predictor", "judge", "admin"];

    /// <summary>The secret of a service.</summary>
    public static string SecretOf(string service) => $"{service}-secret-0123456789abcdef";

    /// <summary>Sends a request with an Authorization header as it stands.</summary>
    public Task<HttpResponseMessage> SendAsync(string method, string path, string? authorization, string body = "{}") =>
        Http.SendAsAsync(method, path, authorization, body);

    /// <summary>A client that sends a credential with every request.</summary>
    public HttpClient As(string credential) => new()
    {
        BaseAddress = Http.BaseAddress,
        Timeout = Http.Timeout,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", credential) },
    };

    private static Dictionary<string, string?> Merge(Dictionary<string, string?>? settings)
    {
        var merged = new Dictionary<string, string?>(settings ?? []);
        merged.TryAdd("Registry:Access", "keys");
        foreach (var service in Names)
        {
            merged.TryAdd($"Registry:Services:{service}:Token", SecretOf(service));
        }

        return merged;
    }
}

/// <summary>Requests with credentials.</summary>
internal static class GuardedCalls
{
    /// <summary>Makes a key of a name that no other test uses.</summary>
    public static async Task<CreatedApiKey> CreateKeyAsync(this HttpClient admin, string scope, string? model = null, DateTimeOffset? expiresAt = null)
    {
        var wish = new NewApiKey { Name = $"k-{Guid.NewGuid():N}", Scopes = [scope], Model = model, ExpiresAt = expiresAt };
        using var answer = await admin.PostAsJsonAsync(ApiPaths.Keys, wish, ContractsJson.Default.NewApiKey, TestContext.Current.CancellationToken);
        return await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.CreatedApiKey);
    }

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

/// <summary>One for all tests of a class that bring keys and models of names of their own.</summary>
public sealed class SharedGuardedRegistry : GuardedRegistry;
