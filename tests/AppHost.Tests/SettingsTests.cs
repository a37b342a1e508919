using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sluice.Testing;

namespace Sluice.AppHost.Tests;

public sealed class SettingsTests
{
    private const int InvalidConfiguration = 78;

    [Theory]
    [InlineData("Ports__Gateway", "Ports:Gateway")]
    [InlineData("Ports__Registry", "Ports:Registry")]
    [InlineData("Ports__GatewayGrpc", "Ports:GatewayGrpc")]
    [InlineData("Ports__Dashboard", "Ports:Dashboard")]
    [InlineData("Ports__Otlp", "Ports:Otlp")]
    public async Task A_busy_port_is_named_with_its_setting(string variable, string key)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var busy = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var (exitCode, output) = await AppHostProgram.RunToEndAsync([.. FreePorts(variable), (variable, busy)]);

        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains(busy, output, StringComparison.Ordinal);
        Assert.Contains(key, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("-1")]
    public async Task A_port_that_is_none_is_refused_with_its_setting(string value)
    {
        var (exitCode, output) = await AppHostProgram.RunToEndAsync(("Ports__Gateway", value));

        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains($"Ports:Gateway is '{value}'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_port_for_two_is_refused_with_both_settings()
    {
        var port = FreePort.Take(1)[0].ToString(CultureInfo.InvariantCulture);

        var (exitCode, output) = await AppHostProgram.RunToEndAsync(("Ports__Gateway", port), ("Ports__Registry", port));

        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains("Ports:Gateway and Ports:Registry", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Store", "etcd")]
    [InlineData("Access", "none")]
    public async Task A_word_that_is_none_is_refused_with_its_setting(string key, string value)
    {
        var (exitCode, output) = await AppHostProgram.RunToEndAsync((key, value));

        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains($"{key} is '{value}'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_without_a_redis_server_is_refused_before_anything_starts()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.PathOf("dotnet"), DotnetOnPath());

        var (exitCode, output) = await AppHostProgram.RunToEndAsync([.. FreePorts(), ("Store", "redis"), ("PATH", folder.Path), ("DataDirectory", folder.PathOf("data"))]);

        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains("there is no redis-server on the PATH", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.PathOf("data")), "nothing was to be started");
    }

    [Fact]
    public async Task The_port_of_Redis_matters_only_where_there_is_one()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var busy = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var (exitCode, output) = await AppHostProgram.RunToEndAsync([.. FreePorts(), ("Store", "Redis"), ("Ports__Redis", busy)]);
        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains($"Port {busy} (Ports:Redis) is in use", output, StringComparison.Ordinal);

        // The other port is looked at first; that Redis' is taken, too, is not said.
        (exitCode, output) = await AppHostProgram.RunToEndAsync([.. FreePorts("Ports__Gateway"), ("Ports__Gateway", busy), ("Ports__Redis", "no port")]);
        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.DoesNotContain("Redis", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_of_metrics_that_is_none_is_refused_with_its_setting()
    {
        var (exitCode, output) = await AppHostProgram.RunToEndAsync(("Metrics", "graphite"));

        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains("Metrics is 'graphite': it must be auto, prometheus or embedded.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prometheus_that_is_demanded_and_missing_is_refused_before_anything_starts()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.PathOf("dotnet"), DotnetOnPath());

        var (exitCode, output) = await AppHostProgram.RunToEndAsync([.. FreePorts(), ("Metrics", "Prometheus"), ("PATH", folder.Path), ("DataDirectory", folder.PathOf("data"))]);

        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains("there is no prometheus on the PATH", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.PathOf("data")), "nothing was to be started");
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("prometheus")]
    public async Task The_port_of_Prometheus_is_named_where_there_is_one(string metrics)
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, PrometheusServer.Missing);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var busy = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var (exitCode, output) = await AppHostProgram.RunToEndAsync([.. FreePorts("Ports__Prometheus"), ("Metrics", metrics), ("Ports__Prometheus", busy)]);
        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.Contains($"Port {busy} (Ports:Prometheus) is in use", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("embedded", true)]
    [InlineData("auto", false)]
    public async Task The_port_of_Prometheus_matters_only_where_there_is_one(string metrics, bool hasIt)
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.PathOf("dotnet"), DotnetOnPath());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var busy = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        // The gateway's port is taken, or it would start; of Prometheus' nothing is said.
        var (exitCode, output) = await AppHostProgram.RunToEndAsync(
            [.. FreePorts("Ports__Gateway", "Ports__Prometheus"), ("Ports__Gateway", busy), ("Metrics", metrics), ("Ports__Prometheus", "no port"), .. hasIt ? [] : new[] { ("PATH", (string?)folder.Path) }]);
        Assert.Equal(InvalidConfiguration, exitCode);
        Assert.DoesNotContain("Prometheus", output, StringComparison.Ordinal);
    }

    private static string DotnetOnPath() => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);

    private static IEnumerable<(string Key, string? Value)> FreePorts(params string[] butFor) =>
        new[] { "Ports__Gateway", "Ports__Registry", "Ports__GatewayGrpc", "Ports__Dashboard", "Ports__Otlp", "Ports__Prometheus" }
            .Except(butFor)
            .Select(key => (key, (string?)FreePort.Take(1)[0].ToString(CultureInfo.InvariantCulture)));
}
