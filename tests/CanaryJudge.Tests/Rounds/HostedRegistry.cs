using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>A <see cref="FakeRegistry"/> on a real socket.</summary>
internal sealed class HostedRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private HostedRegistry(WebApplication app) => (_app, _http) = (app, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });

    public RegistryClient Client() => new(_http);

    public static async Task<HostedRegistry> StartAsync(FakeRegistry registry)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var inside = new HttpMessageInvoker(registry, disposeHandler: false);
        app.Run(context => AnswerAsync(context, inside));
        await app.StartAsync();
        return new HostedRegistry(app);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context, HttpMessageInvoker inside)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"http://registry{context.Request.Path}{context.Request.QueryString}")
        {
            Content = new StreamContent(context.Request.Body) { Headers = { ContentType = context.Request.ContentType is { } type ? new(type.Split(';')[0]) : null } },
        };
        try
        {
            using var answer = await inside.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (HttpRequestException)
        {
            context.Abort(); // what a test has the Registry lose
        }
    }
}
