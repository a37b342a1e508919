using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.ServiceDefaults.Metrics;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

/// <summary>A service with the defaults and one public endpoint, on ports of its own.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningService(WebApplication app, int publicPort, int managementPort)
    {
        _app = app;
        Public = Client(publicPort);
        Management = Client(managementPort);
    }

    public HttpClient Public { get; }

    public HttpClient Management { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningService> StartAsync(Action<IServiceCollection>? configure = null)
    {
        var ports = FreePort.Take(2);
        var builder = WebApplication.CreateBuilder([$"--urls=http://127.0.0.1:{ports[0]}", $"--Management:Port={ports[1]}"]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/greeting", () => "hello");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, ports[0], ports[1]);
    }

    /// <summary>Starts one with sources.</summary>
    public static Task<RunningService> StartAsync(params IMetricSource[] sources) => StartAsync(services =>
    {
        foreach (var source in sources)
        {
            services.AddSingleton(source);
        }
    });

    public async Task<string> ReadPageAsync() => await Management.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    public async Task<IReadOnlyDictionary<string, PrometheusFamily>> ReadFamiliesAsync() => PrometheusText.Parse(await ReadPageAsync());

    public async ValueTask DisposeAsync()
    {
        Public.Dispose();
        Management.Dispose();
        await _app.DisposeAsync();
    }

    private static HttpClient Client(int port) =>
        new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
}

/// <summary>A source that is one method.</summary>
internal sealed class Source(Action<MetricsWriter> write) : IMetricSource
{
    public void Write(MetricsWriter writer) => write(writer);
}
