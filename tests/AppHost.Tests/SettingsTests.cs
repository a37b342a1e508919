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
    [InlineData("Ports__Dashboard", "Ports:Dashboard")]
    [InlineData("Ports__Otlp", "Ports:Otlp")]
    public async Task A_busy_port_is_named_with_its_setting(string variable, string key)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var busy = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var (exitCode, output) = await AppHostProgram.RunToEndAsync([.. FreePorts().Where(port => port.Key != variable), (variable, busy)]);

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

    private static IEnumerable<(string Key, string? Value)> FreePorts() => new[] { "Ports__Gateway", "Ports__Registry", "Ports__Dashboard", "Ports__Otlp" }
        .Zip(FreePort.Take(4), (key, port) => (key, (string?)port.ToString(CultureInfo.InvariantCulture)));
}
