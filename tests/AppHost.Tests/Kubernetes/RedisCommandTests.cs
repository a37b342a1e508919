using Sluice.HelmCharts.Values;
using Sluice.Testing;

namespace Sluice.AppHost.Tests.Kubernetes;

/// <summary>The command by which the chart's own Redis is started, run with a real redis-server.</summary>
public sealed class RedisCommandTests(PublishedChart published) : IDisposable
{
    private const string Password = "0123456789abcdefghijABCDEFGHIJ";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_asks_for_the_password_and_writes_through_to_the_disk()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        var rendered = published.Render("shared-folder");
        var pod = rendered.Object("StatefulSet", "serving-redis");
        var command = ((List<object?>)pod.At("spec.template.spec.containers.0.command")!).Cast<string>().ToArray();
        var port = FreePort.Take(1)[0];
        var configuration = _folder.PathOf("redis.conf");
        var text = (string)((ValueMap)rendered.Object("ConfigMap", "serving-redis").Content["data"]!)["redis.conf"]!;
        await File.WriteAllTextAsync(
            configuration,
            text.Replace("port 6379", $"port {port}\nbind 127.0.0.1", StringComparison.Ordinal).Replace("dir /data", $"dir {_folder.Path}", StringComparison.Ordinal));
        var environment = new Dictionary<string, string?> { ["REDISCLI_AUTH"] = Password };

        await using var server = ChildProcess.Start(
            command[0], [command[1], command[2].Replace("/etc/redis/redis.conf", configuration, StringComparison.Ordinal)], environment);
        var probe = ((List<object?>)pod.At("spec.template.spec.containers.0.readinessProbe.exec.command")!).Cast<string>().ToArray();
        var ask = probe[2].Replace("redis-cli", $"redis-cli -p {port}", StringComparison.Ordinal);
        await Eventually.BecomesTrueAsync(async () => (await RunAsync(ask, environment)).ExitCode == 0);

        Assert.NotEqual(0, (await RunAsync(ask, [])).ExitCode);
        Assert.Contains("always", (await RunAsync($"redis-cli -p {port} config get appendfsync", environment)).Output, StringComparison.Ordinal);
        Assert.Contains("noeviction", (await RunAsync($"redis-cli -p {port} config get maxmemory-policy", environment)).Output, StringComparison.Ordinal);

        server.Terminate(); // as the kubelet does: it is the server that hears it
        Assert.Equal(0, await server.WaitForExitAsync(TimeSpan.FromSeconds(10)));
        Assert.NotEqual(0, (await RunAsync(ask, environment)).ExitCode);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string line, Dictionary<string, string?> environment)
    {
        await using var process = ChildProcess.Start("sh", ["-c", line], environment);
        return (await process.WaitForExitAsync(TimeSpan.FromSeconds(10)), process.Output);
    }
}
