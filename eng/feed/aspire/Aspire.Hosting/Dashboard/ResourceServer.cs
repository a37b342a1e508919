using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>The server for the dashboard: gRPC over plain HTTP/2 on the loopback interface, for those who know the key.</summary>
internal static class ResourceServer
{
    private const string KeyHeader = "x-resource-service-api-key";

    /// <summary>Starts the server on the configured port, or on any free one.</summary>
    public static async Task<(WebApplication Server, string Url)> StartAsync(
        ResourceService service, IConfiguration configuration, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var url = configuration[DashboardSettings.ResourceServiceUrlKey] is { } text ? DashboardSettings.Parse(DashboardSettings.ResourceServiceUrlKey, text) : null;
        if (url is { Scheme: not "http" } or { IsLoopback: false })
        {
            throw new DistributedApplicationException(
                $"'{DashboardSettings.ResourceServiceUrlKey}' is '{url}': the Aspire stand-in serves the dashboard on plain http on the loopback interface only.");
        }

        // An empty builder: this server reads nothing of the AppHost's settings, least of all the dashboard's address.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1)); // for a dashboard that does not leave
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(service);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, url?.Port ?? 0, listen => listen.Protocols = HttpProtocols.Http2));
        var server = builder.Build();
        var key = Encoding.UTF8.GetBytes(configuration["AppHost:ResourceService:ApiKey"]!);
        server.Use((context, next) => HasKey(context, key) ? next(context) : RefuseAsync(context));
        server.MapGrpcService<ResourceService>();
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
        return (server, server.Urls.Single());
    }

    private static bool HasKey(HttpContext context, byte[] key) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers[KeyHeader].ToString()), key);

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
