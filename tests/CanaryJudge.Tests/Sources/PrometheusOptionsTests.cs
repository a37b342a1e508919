using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests.Sources;

public sealed class PrometheusOptionsTests
{
    [Theory]
    [InlineData("Url", "prometheus:9090")]
    [InlineData("Url", "http://user:word@prometheus")]
    [InlineData("Url", "http://prometheus/?x=1")]
    [InlineData("Timeout", "00:02:00")]
    [InlineData("Token", "two words")]
    public async Task A_setting_that_is_not_as_it_must_be_ends_the_start_and_is_named(string setting, string value)
    {
        using var folder = new TemporaryFolder();
        await using var judge = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "CanaryJudge.dll")], new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["RegistryClient__Address"] = "http://127.0.0.1:1",
            ["RegistryClient__StateFile"] = folder.PathOf("state.json"),
            [$"Judge__Prometheus__{setting}"] = value,
        });

        Assert.Equal(ServiceHost.InvalidConfiguration, await judge.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains($"Judge:Prometheus:{setting} must be", judge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", judge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("user:word", judge.Output, StringComparison.Ordinal);
    }
}
