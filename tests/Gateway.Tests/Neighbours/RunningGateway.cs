using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Gateway.Routing;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>The gateway as it is run, on real sockets of 127.0.0.1, with a registry at an address.</summary>
public sealed class RunningGateway : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings;
    private Action<IServiceCollection> _services = static _ => { };

    private RunningGateway(Dictionary<string, string> settings) => _settings = settings;

    /// <summary>A client with connections of its own, that follows no redirects and keeps no cookies.</summary>
    public HttpClient Http { get; private set; } = null!;

    public Uri Address => Http.BaseAddress!;

    public Uri Management { get; private set; } = null!;

    /// <summary>Where it listens for gRPC.</summary>
    public Uri Grpc { get; private set; } = null!;

    public RegistryWatch Watch => Services.GetRequiredService<RegistryWatch>();

    internal Routes Routes => Services.GetRequiredService<Routes>();

    /// <summary>Starts a gateway.</summary>
    /// <param name="registry">Where it looks for the Registry.</param>
    /// <param name="stateFile">Where it keeps the last known good state.</param>
    /// <param name="settings">More settings, by key.</param>
    public static RunningGateway Start(Uri registry, string stateFile, params (string Key, string Value)[] settings) =>
        Start(registry, stateFile, static _ => { }, settings);

    /// <summary>Starts a gateway with other services in the place of some.</summary>
    internal static RunningGateway Start(Uri registry, string stateFile, Action<IServiceCollection> services, (string Key, string Value)[] settings)
    {
        var ports = FreePort.Take(3);
        var gateway = new RunningGateway(new Dictionary<string, string>
        {
            ["urls"] = $"http://127.0.0.1:{ports[0]}",
            ["Management:Port"] = $"{ports[1]}",
            ["Gateway:GrpcPort"] = $"{ports[2]}",
            ["RegistryClient:Address"] = registry.AbsoluteUri,
            ["RegistryClient:StateFile"] = stateFile,
            ["RegistryClient:WatchTimeout"] = "00:10:00",
            ["Logging:LogLevel:Default"] = "None",
        });
        gateway._services = services;
        foreach (var (key, value) in settings)
        {
            gateway._settings[key] = value;
        }

        gateway.UseKestrel();
        gateway.StartServer();
        gateway.Management = new Uri($"http://127.0.0.1:{ports[1]}");
        gateway.Grpc = new Uri($"http://127.0.0.1:{ports[2]}");
        gateway.Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}"),
            Timeout = TimeSpan.FromSeconds(60),
        };
        return gateway;
    }

    /// <summary>Waits until it routes by everything that a registry has told.</summary>
    public Task CaughtUpAsync(FakeRegistry registry) => Eventually.BecomesTrueAsync(() => Routes.Current.State.Revision == registry.Revision);

    public Task<HttpResponseMessage> InferAsync(string model, string body = "{}") => Http.PostAsync($"/v2/models/{model}/infer", Json(body));

    public static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureServices(_services); // after the gateway's own: the last one counts
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Http?.Dispose();
        }

        base.Dispose(disposing);
    }
}
