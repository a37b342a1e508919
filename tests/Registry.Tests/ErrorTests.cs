using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sluice.Registry.Store;

namespace Sluice.Registry.Tests;

/// <summary>Answers to what is no request of ours, and to failures of our own.</summary>
public sealed class ErrorTests(SharedRegistry registry)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/api/nothing", 404)]
    [InlineData("GET", "/", 404)]
    [InlineData("DELETE", "/api/models", 405)]
    [InlineData("POST", "/api/models/m/serving", 405)]
    public async Task What_is_not_there_is_a_problem_in_any_format_asked_for(string method, string path, int status)
    {
        foreach (var accept in new[] { "*/*", "application/json", "text/html", "text/event-stream" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
            using var answer = await registry.Http.SendAsync(request, Token);
            await Calls.AssertProblemAsync(answer, status);
        }
    }

    [Fact]
    public async Task A_failure_of_our_own_tells_nothing_of_the_code_even_in_development()
    {
        await using var broken = new RunningRegistry(settings: new() { ["Logging:LogLevel:Default"] = "None", ["environment"] = "Development" });
        ((IDisposable)broken.Services.GetRequiredService<IStore>()).Dispose();
        Directory.Delete(broken.DataDirectory, recursive: true);

        foreach (var accept in new[] { "application/json", "text/html" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/models");
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
            using var answer = await broken.Http.SendAsync(request, Token);
            await Calls.AssertProblemAsync(answer, 503, "log");
        }
    }

    [Fact]
    public async Task Ready_means_that_the_store_answers()
    {
        await using var own = new RunningRegistry(settings: new() { ["Logging:LogLevel:Default"] = "None" });
        var health = own.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Token)).Status);

        ((IDisposable)own.Services.GetRequiredService<IStore>()).Dispose();
        Directory.Delete(own.DataDirectory, recursive: true);

        var report = await health.CheckHealthAsync(Token);
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains("does not answer", report.Entries["store"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_not_on_the_public_port()
    {
        using var answer = await registry.Http.GetAsync("/health/ready", Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
