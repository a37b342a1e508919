using System.Net;
using Sluice.Contracts;
using Sluice.Registry.Tests.Access;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Registry.Tests;

/// <summary>What keeps the Registry from starting is told in one line with the key, and an exit code.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(null, "Registry__HistoryLength", "100", "Registry:DataDirectory is missing")]
    [InlineData("data", "Registry__HistoryLength", "1", "Registry:HistoryLength must be 10 to 100000")]
    [InlineData("data", "Registry__ReplicaExpiry", "00:00:01", "Registry:ReplicaExpiry must be 3 s")]
    [InlineData("data", "Registry__ReplicaExpiry", "soon", "Registry:ReplicaExpiry")]
    [InlineData("data", "Registry__Access", "shut", "Registry:Access is 'shut': open or keys")]
    [InlineData("data", "Registry__Services__gateway__Token", "short", "Registry:Services:gateway:Token must have 16")]
    [InlineData("data", "Registry__Services__gatevay__Token", "0123456789abcdef", "Registry:Services:gatevay is no service: gateway, predictor, judge, admin")]
    [InlineData("data", "Registry__AllowedOrigins__0", "ml.example.org", "Registry:AllowedOrigins has 'ml.example.org'")]
    public async Task A_setting_that_is_missing_or_wrong_ends_the_start_and_is_named(string? folder, string variable, string value, string key)
    {
        using var temporary = new TemporaryFolder();
        await using var registry = RegistryProcess.Launch(folder is null ? null : temporary.PathOf(folder), (variable, value));

        Assert.Equal(ServiceHost.InvalidConfiguration, await registry.WaitForExitAsync(Patience));
        Assert.Contains(key, registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0", "http://0.0.0.0:0")]
    [InlineData("http://*:0", "http://*:0")]
    [InlineData("http://[::]:0", "http://[::]:0")]
    [InlineData("http://registry:0", "http://registry:0")]
    public async Task Open_on_an_address_that_others_reach_ends_the_start(string urls, string reachable)
    {
        using var temporary = new TemporaryFolder();
        await using var registry = RegistryProcess.Launch(temporary.Path, ("ASPNETCORE_URLS", urls), ("Registry__Access", "open"));

        Assert.Equal(ServiceHost.InvalidConfiguration, await registry.WaitForExitAsync(Patience));
        Assert.Contains($"Registry:Access is open, but {reachable} can be reached", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_nobody_could_make_end_the_start_with_the_way_out()
    {
        using var temporary = new TemporaryFolder();
        await using var registry = RegistryProcess.Launch(temporary.Path, ("Registry__Access", null)); // the default of production

        Assert.Equal(ServiceHost.InvalidConfiguration, await registry.WaitForExitAsync(Patience));
        Assert.Contains("Registry:Services:admin:Token is missing", registry.Output, StringComparison.Ordinal);
        Assert.Contains("POST /api/keys", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_key_that_may_make_others_the_first_secret_can_be_taken_away()
    {
        using var data = new TemporaryFolder();
        CreatedApiKey key;
        await using (var first = new GuardedRegistry(data.Path))
        {
            using var admin = first.As(GuardedRegistry.SecretOf("admin"));
            key = await admin.CreateKeyAsync(Scopes.Admin);
        }

        await using var second = new RunningRegistry(data.Path, new() { ["Registry:Access"] = "keys" });

        using var answer = await second.Http.SendAsAsync("GET", ApiPaths.Keys, "Bearer " + key.Primary);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Open_is_said_loudly()
    {
        using var data = new TemporaryFolder();
        await using var registry = await RegistryProcess.StartAsync(data.Path);

        Assert.Contains("ACCESS IS OPEN", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_Registry_on_the_same_data_is_refused_and_the_first_goes_on()
    {
        await using var first = new RunningRegistry();

        await using var second = RegistryProcess.Launch(first.DataDirectory);

        Assert.Equal(ServiceHost.CannotStart, await second.WaitForExitAsync(Patience));
        Assert.Contains("in use by another Registry", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
        Assert.Empty(await first.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_one_is_told()
    {
        using var temporary = new TemporaryFolder();
        await File.WriteAllTextAsync(temporary.PathOf("file"), "", TestContext.Current.CancellationToken);

        await using var registry = RegistryProcess.Launch(temporary.PathOf("file", "below"));

        Assert.Equal(ServiceHost.CannotStart, await registry.WaitForExitAsync(Patience));
        Assert.Contains("cannot be written", registry.Output, StringComparison.Ordinal);
        Assert.Contains("Registry:DataDirectory", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }
}
