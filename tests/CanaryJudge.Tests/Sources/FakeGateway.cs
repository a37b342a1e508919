using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.Sources;

/// <summary>A gateway's metrics page on a real socket, and ways in which one goes wrong.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _asked;

    private FakeGateway(WebApplication app) => _app = app;

    /// <summary>Answers <c>/metrics</c>.</summary>
    public RequestDelegate Answer { get; set; } = _ => Task.CompletedTask;

    /// <summary>How often it was asked.</summary>
    public int Asked => _asked;

    public GatewayStatus Status(string id) => Scrapes.Gateway(id) with { MetricsAddress = _app.Urls.First() };

    public static async Task<FakeGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var gateway = new FakeGateway(app);
        app.MapGet("/metrics", context =>
        {
            Interlocked.Increment(ref gateway._asked);
            return gateway.Answer(context);
        });
        await app.StartAsync();
        return gateway;
    }

    public void Shows(Totals stable, Totals canary) => Answer = context =>
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(Page(stable, canary));
    };

    public static string Page(Totals stable, Totals canary)
    {
        var page = new StringBuilder();
        foreach (var series in new Scrapes().Add("g", 0, stable, canary).Reading(0).Series)
        {
            var labels = string.Join(',', series.Labels.Select(label => $"{label.Key}=\"{label.Value}\""));
            page.Append(CultureInfo.InvariantCulture, $"{series.Name}{{{labels}}} {series.Samples[0].Value}\n");
        }

        return page.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
