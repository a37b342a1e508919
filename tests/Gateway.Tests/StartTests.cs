using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>The gateway as a process of its own.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("Gateway:Id", "a/b")]
    [InlineData("Gateway:AdvertisedAddress", "http://gateway:8080/path")]
    [InlineData("Gateway:RequestTimeout", "00:00:00")]
    [InlineData("Gateway:RequestTimeout", "soon")]
    [InlineData("Gateway:ConnectTimeout", "1.00:00:00")]
    [InlineData("Gateway:MaxRequestBodyBytes", "0")]
    [InlineData("Gateway:MirrorQueue", "0")]
    [InlineData("Gateway:MirrorConcurrency", "0")]
    [InlineData("Gateway:MirrorTimeout", "02:00:00")]
    [InlineData("Gateway:MirrorCompare", "words")]
    [InlineData("Gateway:MirrorTolerance", "2")]
    [InlineData("Gateway:Capture:Folder", "/proc/nowhere")]
    [InlineData("Gateway:Capture:Share", "2")]
    [InlineData("Gateway:Capture:MaxFileBytes", "1")]
    [InlineData("Gateway:Capture:MaxFiles", "0")]
    [InlineData("Gateway:Capture:Bodies", "some")]
    [InlineData("RegistryClient:Address", "")]
    [InlineData("Management:Port", "70000")]
    public async Task An_invalid_setting_ends_the_start_and_is_named(string key, string value)
    {
        using var folder = new TemporaryFolder();
        await using var gateway = Start(folder, (key, value));

        Assert.Equal(ServiceHost.InvalidConfiguration, await gateway.WaitForExitAsync(Patience));
        Assert.Contains(key, gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Output, StringComparison.Ordinal); // a stack trace
    }

    [Fact]
    public async Task A_busy_port_ends_the_start_and_is_named()
    {
        using var folder = new TemporaryFolder();
        using var busy = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        busy.Start();
        var port = ((System.Net.IPEndPoint)busy.LocalEndpoint).Port;
        await using var gateway = Start(folder, ("urls", $"http://127.0.0.1:{port}"));

        Assert.Equal(ServiceHost.CannotStart, await gateway.WaitForExitAsync(Patience));
        Assert.Contains($"{port}", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_in_order_when_it_is_asked_to()
    {
        using var folder = new TemporaryFolder();
        await using var gateway = Start(folder);
        await gateway.WaitForOutputAsync("Application started", Patience);

        gateway.Terminate();

        Assert.Equal(0, await gateway.WaitForExitAsync(Patience));
    }

    [Fact]
    public async Task A_watch_that_passes_through_does_not_hold_up_the_end()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await FakeRegistry.RunAsync();
        var port = FreePort.Take(1)[0];
        await using var gateway = Start(folder, ("urls", $"http://127.0.0.1:{port}"), ("RegistryClient:Address", registry.Address.AbsoluteUri));
        await gateway.WaitForOutputAsync("Application started", Patience);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var watch = await http.GetAsync(ApiPaths.Watch, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        gateway.Terminate();

        Assert.Equal(0, await gateway.WaitForExitAsync(TimeSpan.FromSeconds(10)));
    }

    private static ChildProcess Start(TemporaryFolder folder, params (string Key, string Value)[] settings)
    {
        var ports = FreePort.Take(2);
        string[] arguments =
        [
            typeof(Program).Assembly.Location,
            $"--urls=http://127.0.0.1:{ports[0]}",
            $"--RegistryClient:Address=http://127.0.0.1:{ports[1]}",
            $"--RegistryClient:StateFile={folder.PathOf("state.json")}",
            .. settings.Select(setting => $"--{setting.Key}={setting.Value}"),
        ];
        return ChildProcess.Start("dotnet", arguments, folder: AppContext.BaseDirectory);
    }
}
