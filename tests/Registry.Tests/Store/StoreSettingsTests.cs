using Microsoft.Extensions.Options;
using Sluice.Registry.Blobs;
using Sluice.Registry.Store;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Store;

/// <summary>Settings of the store: what is wrong is named by its key, and a password is never told.</summary>
public sealed class StoreSettingsTests
{
    private const string Secret = "a-secret-password";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("sqlite", null, "sluice", false, null)]
    [InlineData("SQLite", "nonsense", "", false, null)]
    [InlineData("redis", "localhost:6379,password=" + Secret, "sluice", true, null)]
    [InlineData("postgres", null, "sluice", true, "Registry:Store must be sqlite or redis")]
    [InlineData("redis", null, "sluice", true, "Registry:Redis is missing")]
    [InlineData("redis", "password=" + Secret, "sluice", true, "Registry:Redis has no address")]
    [InlineData("redis", "a:1,b:2,password=" + Secret, "sluice", true, "Registry:Redis names several servers")]
    [InlineData("redis", "a:1,ssl=" + Secret, "sluice", true, "Registry:Redis cannot be read")]
    [InlineData("redis", "a:1,nothing=" + Secret, "sluice", true, "Registry:Redis cannot be read")]
    [InlineData("redis", "a:1", "a b", true, "Registry:RedisPrefix must be")]
    [InlineData("redis", "a:1", "a{b}", true, "Registry:RedisPrefix must be")]
    [InlineData("redis", "a:1", "sluice", false, "Registry:Blobs:Shared is not set")]
    public void Each_setting_that_is_wrong_is_named(string store, string? redis, string prefix, bool shared, string? expected)
    {
        var options = new StoreOptions { Store = store, Redis = redis, RedisPrefix = prefix };
        var result = new StoreOptionsValidator(Options.Create(new BlobOptions { Shared = shared, Folder = "/blobs" })).Validate(null, options);

        Assert.Equal(expected is not null, result.Failed);
        if (expected is not null)
        {
            Assert.StartsWith(expected, Assert.Single(result.Failures!), StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, result.FailureMessage, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task On_redis_blobs_in_a_folder_of_its_own_end_the_start()
    {
        using var data = new TemporaryFolder();
        await using var registry = RegistryProcess.Launch(data.Path, ("Registry__Store", "redis"), ("Registry__Redis", $"localhost:1,password={Secret}"));

        Assert.Equal(ServiceHost.InvalidConfiguration, await registry.WaitForExitAsync(Patience));
        Assert.Contains("Registry:Blobs:Shared", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redis_that_cannot_be_reached_ends_the_start_in_one_line()
    {
        using var data = new TemporaryFolder();
        var port = FreePort.Take(1)[0];
        await using var registry = RegistryProcess.Launch(data.Path, [.. OnRedis(data, $"127.0.0.1:{port},password={Secret}")]);

        Assert.Equal(ServiceHost.CannotStart, await registry.WaitForExitAsync(Patience));
        Assert.Contains($"Redis at 127.0.0.1:{port} cannot be reached", registry.Output, StringComparison.Ordinal);
        Assert.Contains("Registry:Redis", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redis_that_forgets_is_warned_of_and_a_password_is_in_no_log()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        await using var forgetful = await RedisServer.StartAsync(new RedisServerOptions
        {
            Durable = false,
            Password = Secret,
            Arguments = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"],
        });
        using var data = new TemporaryFolder();
        await using var registry = await RegistryProcess.StartAsync(data.Path, [.. OnRedis(data, forgetful.ConnectionString), ("Logging__LogLevel__Default", "Debug")]);

        await Eventually.BecomesTrueAsync(() => registry.Output.Contains("appendonly no", StringComparison.Ordinal));
        await Eventually.BecomesTrueAsync(() => registry.Output.Contains("maxmemory-policy allkeys-lru", StringComparison.Ordinal));
        await forgetful.KillAsync();
        using var refused = await registry.Http.GetAsync("/api/models", TestContext.Current.CancellationToken);
        await Calls.AssertProblemAsync(refused, 503, "store");
        Assert.DoesNotContain(Secret, registry.Output, StringComparison.Ordinal);
    }

    private static (string, string?)[] OnRedis(TemporaryFolder data, string connection) =>
    [
        ("Registry__Store", "redis"), ("Registry__Redis", connection), ("Registry__Blobs__Shared", "true"), ("Registry__Blobs__Folder", data.PathOf("shared")),
    ];
}
