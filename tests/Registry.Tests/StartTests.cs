using Sluice.Contracts;
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
