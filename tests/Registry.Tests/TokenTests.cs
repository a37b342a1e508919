using System.Net;
using System.Net.Http.Headers;
using Sluice.Contracts;

namespace Sluice.Registry.Tests;

/// <summary>The secret that the services share.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private static readonly string Blob = ApiPaths.ForBlob(VersionDigest.Prefix + new string('0', 64));

    private RunningRegistry _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _registry = new RunningRegistry(settings: new() { ["Registry:ServiceToken"] = Secret });
        return default;
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer")]
    [InlineData("Bearer 0123456789abcdef0123456789abcde")]
    [InlineData("Bearer 0123456789abcdef0123456789abcdef0")]
    [InlineData("Basic 0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public async Task Without_the_secret_watch_blobs_and_reports_are_refused(string? authorization)
    {
        foreach (var (method, path) in new[] { ("GET", ApiPaths.Watch), ("GET", Blob), ("PUT", "/api/replicas/r"), ("DELETE", "/api/replicas/r"), ("PUT", "/api/gateways/g"), ("DELETE", "/api/gateways/g") })
        {
            using var answer = await SendAsync(method, path, authorization);

            var problem = await Calls.AssertProblemAsync(answer, 401, "Authorization", "RegistryClient:Token");
            Assert.DoesNotContain(Secret, problem.GetRawText(), StringComparison.Ordinal);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        }
    }

    [Fact]
    public async Task With_the_secret_they_are_open()
    {
        const string Right = "bearer " + Secret;
        using var watch = await SendAsync("GET", ApiPaths.Watch, Right);
        using var blob = await SendAsync("GET", Blob, Right);
        using var goodbye = await SendAsync("DELETE", "/api/replicas/r", Right);

        Assert.Equal(HttpStatusCode.OK, watch.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, blob.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, goodbye.StatusCode);
    }

    [Fact]
    public async Task What_people_use_asks_for_no_service_token()
    {
        using var models = await SendAsync("GET", ApiPaths.Models, null);
        using var replicas = await SendAsync("GET", ApiPaths.Replicas, null);

        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
        Assert.Equal(HttpStatusCode.OK, replicas.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? authorization)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (method == "PUT")
        {
            request.Content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        }

        return await _registry.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }
}
