using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests;

/// <summary>The judge as it is run, on real sockets of 127.0.0.1.</summary>
internal sealed class RunningJudge : WebApplicationFactory<Program>
{
    private readonly TemporaryFolder _folder = new();
    private readonly int[] _ports = FreePort.Take(3);
    private readonly HttpClient _http = new();

    private readonly (string Key, string Value)[] _settings;

    private RunningJudge((string Key, string Value)[] settings) => _settings = settings;

    public int RegistryPort => _ports[2];

    public Uri PublicAddress => new($"http://127.0.0.1:{_ports[0]}");

    public static RunningJudge Start(params (string Key, string Value)[] settings)
    {
        var judge = new RunningJudge(settings);
        judge.UseKestrel();
        judge.StartServer();
        return judge;
    }

    public async Task<HttpStatusCode> HealthAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_ports[1]}{path}"));
        return answer.StatusCode;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder) => _settings.Aggregate(builder, (next, setting) => next.UseSetting(setting.Key, setting.Value))
        .UseSetting("urls", PublicAddress.AbsoluteUri)
        .UseSetting("Management:Port", $"{_ports[1]}")
        .UseSetting("RegistryClient:Address", $"http://127.0.0.1:{_ports[2]}")
        .UseSetting("RegistryClient:StateFile", _folder.PathOf("state.json"))
        .ConfigureLogging(logging => logging.ClearProviders());

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _http.Dispose();
        _folder.Dispose();
    }
}
