using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>A Sluice whose Registry keeps its state in Redis, started as a user starts it.</summary>
public sealed class RedisTests
{
    [Fact]
    public async Task With_Store_redis_a_model_outlives_a_restart_and_the_password_guards_the_state()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        var port = FreePort.Take(1)[0];
        await using var sluice = new RunningSluice(("Store", "redis"), ("Ports__Redis", port.ToString(CultureInfo.InvariantCulture)));
        await sluice.InitializeAsync();
        var before = await sluice.Registry.GetFromJsonAsync("/api/models/wine/versions/1", ContractsJson.Default.ModelVersion);

        Assert.False(File.Exists(Path.Combine(sluice.DataDirectory, "registry", "registry.db")), "the state lies in a SQLite file");
        Assert.StartsWith("-NOAUTH", await AskAsync(port), StringComparison.Ordinal);
        var configuration = Path.Combine(sluice.DataDirectory, "redis", "redis.conf");
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(configuration) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var password = (await File.ReadAllLinesAsync(configuration)).Single(line => line.StartsWith("requirepass ", StringComparison.Ordinal))["requirepass ".Length..];
        Assert.Matches("^[A-Za-z0-9]{32}$", password);
        Assert.All([ProcessTable.ListeningOn(port), .. sluice.ServiceProcesses()], id => Assert.DoesNotContain(password, ProcessTable.CommandOf(id), StringComparison.Ordinal));
        Assert.DoesNotContain(password, sluice.AppHost.Output, StringComparison.Ordinal);

        await sluice.RestartAsync();

        var after = await sluice.Registry.GetFromJsonAsync("/api/models/wine/versions/1", ContractsJson.Default.ModelVersion);
        Assert.Equal((before!.Digest, before.CreatedAt), (after!.Digest, after.CreatedAt)); // not registered anew
        using var metadata = await sluice.Gateway.GetAsync("/v2/models/wine");
        Assert.Equal(HttpStatusCode.OK, metadata.StatusCode);
    }

    private static async Task<string?> AskAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("PING\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync();
    }
}
