using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sluice.Feed.Tests;

/// <summary>A NuGet source on the loopback address: says which versions it has, or fails as it is told to.</summary>
internal sealed class FakeSource : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string[]> _versions = new();
    private int _requests;

    private FakeSource(WebApplication app) => _app = app;

    /// <summary>The status that every request is answered with, when it is set.</summary>
    public int? Fault { get; set; }

    /// <summary>What the service index says, when it is set.</summary>
    public string? Index { get; set; }

    /// <summary>The user and password that it asks for, as <c>user:password</c>.</summary>
    public string? Password { get; set; }

    public int Requests => _requests;

    public string Root => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public string IndexAddress => Root + "/v3/index.json";

    public static async Task<FakeSource> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var source = new FakeSource(app);
        app.Use(source.GuardAsync);
        app.MapGet("/named", () => Results.Redirect("/v3/index.json"));
        app.MapGet("/v3/index.json", () => Results.Text(source.Index
            ?? $$"""{"version":"3.0.0","resources":[{"@id":"{{source.Root}}/other/","@type":"Other/1.0"},{"@id":"{{source.Root}}/flat","@type":"PackageBaseAddress/3.0.0"}]}"""));
        app.MapGet("/flat/{id}/index.json", (string id) => source._versions.TryGetValue(id, out var versions) ? Results.Ok(new { versions }) : Results.NotFound());
        app.MapGet("/v2/Packages(Id='{id}',Version='{version}')", (string id, string version) =>
            source._versions.TryGetValue(id.ToLowerInvariant(), out var versions) && versions.Contains(version) ? Results.Text("<entry/>") : Results.NotFound());
        await app.StartAsync();
        return source;
    }

    public void Has(string id, params string[] versions) => _versions[id.ToLowerInvariant()] = versions;

    public void Lacks(string id) => _versions.TryRemove(id.ToLowerInvariant(), out _);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _requests);
        var expected = Password is null ? null : "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Password));
        if (Fault is { } fault)
        {
            context.Response.StatusCode = fault;
            return Task.CompletedTask;
        }

        if (expected is not null && context.Request.Headers.Authorization != expected)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"packages\"";
            return Task.CompletedTask;
        }

        return next(context);
    }
}
