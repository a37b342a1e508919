using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.CanaryJudge.Tests;

/// <summary>What a setting that is not as it must be does to the program.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Judge:Interval", "00:00:16")]
    [InlineData("Judge:Interval", "often")]
    [InlineData("Judge:LeaseDuration", "00:00:01")]
    [InlineData("Judge:LeaseDuration", "00:00:05")] // two looks of five seconds
    [InlineData("Judge:Scrape:Timeout", "00:01:00")]
    [InlineData("Judge:Scrape:MaxPageBytes", "10")]
    public async Task It_ends_the_start_with_one_line_that_names_it(string key, string value)
    {
        using var folder = new TemporaryFolder();
        await using var process = ChildProcess.Start("dotnet", [typeof(Program).Assembly.Location], new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Take(1)[0]}",
            ["RegistryClient__Address"] = "http://127.0.0.1:9",
            ["RegistryClient__StateFile"] = folder.PathOf("state.json"),
            [key.Replace(":", "__", StringComparison.Ordinal)] = value,
        });

        Assert.Equal(ServiceHost.InvalidConfiguration, await process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains(key, Assert.Single(process.Output.Trim().Split('\n')), StringComparison.Ordinal);
    }
}
