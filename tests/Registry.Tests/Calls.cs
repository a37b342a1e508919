using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Contracts;

namespace Sluice.Registry.Tests;

/// <summary>Requests as clients send them, and what tests ask of the answers.</summary>
internal static class Calls
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A model's name that no other test uses.</summary>
    public static string NewModel() => $"m-{Guid.NewGuid():N}";

    /// <summary>A report that is as it should be.</summary>
    public static ReplicaReport Replica(string pool = Pools.Stable, params ReplicaVersion[] versions) =>
        new() { Pool = pool, Address = "http://127.0.0.1:9000", Device = "cpu", Versions = versions, InFlight = 1, Capacity = 4 };

    /// <summary>The files in a folder of blobs, staged ones too; not the locks of processes that stage.</summary>
    public static IEnumerable<string> FilesIn(string blobs) =>
        Directory.EnumerateFiles(blobs, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock");

    public static HttpContent Raw(byte[] model) => new ByteArrayContent(model) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    /// <summary>A multipart body: metadata, if any, and files.</summary>
    public static MultipartFormDataContent Parts(string? metadata, params (string Path, byte[] Content)[] files)
    {
        var parts = new MultipartFormDataContent();
        if (metadata is not null)
        {
            parts.Add(Json(metadata), "metadata");
        }

        foreach (var (path, content) in files)
        {
            parts.Add(new ByteArrayContent(content), "files", path);
        }

        return parts;
    }

    public static Task<HttpResponseMessage> UploadAsync(this HttpClient http, string model, HttpContent body) =>
        http.PostAsync($"/api/models/{Uri.EscapeDataString(model)}/versions", body, Token);

    public static async Task<ModelVersion> RegisterAsync(this HttpClient http, string model, byte[] onnx)
    {
        using var answer = await http.UploadAsync(model, Raw(onnx));
        return await ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
    }

    public static Task<HttpResponseMessage> ServeAsync(this HttpClient http, string model, string body) =>
        http.PutAsync($"/api/models/{model}/serving", Json(body), Token);

    public static async Task<ServingState> ServeAsync(this HttpClient http, string model, int version)
    {
        using var answer = await http.ServeAsync(model, $$"""{"stable": {{version}}}""");
        return await ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.ServingState);
    }

    public static async Task<T> GetAsync<T>(this HttpClient http, string path, JsonTypeInfo<T> type)
    {
        using var answer = await http.GetAsync(path, Token);
        return await ReadAsync(answer, HttpStatusCode.OK, type);
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer, HttpStatusCode expected, JsonTypeInfo<T> type)
    {
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Token)}");
        return (await answer.Content.ReadFromJsonAsync(type, Token))!;
    }

    /// <summary>The answer is a problem of this status whose detail says all of these, and nothing of the code behind it.</summary>
    public static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage answer, int status, params string[] words)
    {
        Assert.NotEqual("text/event-stream", answer.Content.Headers.ContentType?.MediaType); // which would have no end
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(text);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        var detail = problem.GetProperty("detail").GetString();
        Assert.All(words, word => Assert.Contains(word, detail, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Sluice.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        return problem;
    }
}
