using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>A real HTTP server on 127.0.0.1 that a test starts, stops, and starts again on the same port.</summary>
public abstract class LoopbackServer : IAsyncDisposable
{
    private WebApplication? _app;
    private int _port;
    private int _grpcPort;

    /// <summary>Where it listens, or did before it was stopped.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>Where it listens for HTTP/2 without TLS.</summary>
    public Uri GrpcAddress => new($"http://127.0.0.1:{_grpcPort}");

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, _port);
            server.Listen(IPAddress.Loopback, _grpcPort, endpoint => endpoint.Protocols = HttpProtocols.Http2);
            server.Limits.MaxRequestBodySize = null;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        (_port, _grpcPort) = (new Uri(_app.Urls.First()).Port, new Uri(_app.Urls.Last()).Port);
    }

    /// <summary>Stops listening and cuts every connection.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task AnswerAsync(HttpContext context);
}
