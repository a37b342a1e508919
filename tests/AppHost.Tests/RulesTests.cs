using Sluice.Testing;

namespace Sluice.AppHost.Tests;

/// <summary>Recording and alerting rules, as Prometheus' own tool reads and runs them. That every series in them is shown, the running system is asked (end to end).</summary>
public sealed class RulesTests
{
    [Fact]
    public async Task Promtool_takes_every_rule()
    {
        Assert.SkipUnless(PrometheusServer.HasTool, PrometheusServer.Missing);
        var files = Directory.GetFiles(Repository.PathOf("deploy", "prometheus"), "*.rules.yml", SearchOption.AllDirectories);

        var (exitCode, output) = await RunAsync(["check", "rules", .. files]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(files.Length, output.Split("SUCCESS").Length - 1);
    }

    [Fact]
    public async Task Each_alert_is_raised_by_what_it_is_for_and_by_nothing_less()
    {
        Assert.SkipUnless(PrometheusServer.HasTool, PrometheusServer.Missing);

        var (exitCode, output) = await RunAsync(["test", "rules", Repository.PathOf("tests", "AppHost.Tests", "Prometheus", "alerts.test.yml")]);

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void No_alert_is_without_a_test()
    {
        var tested = File.ReadAllText(Repository.PathOf("tests", "AppHost.Tests", "Prometheus", "alerts.test.yml"));
        var alerts = Directory.GetFiles(Repository.PathOf("deploy", "prometheus"), "*.rules.yml", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Where(line => line.Contains("- alert: ", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf("- alert: ", StringComparison.Ordinal) + "- alert: ".Length)..].Trim());

        Assert.All(alerts, alert => Assert.Contains($"alertname: {alert}\n", tested, StringComparison.Ordinal));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments)
    {
        await using var tool = ChildProcess.Start("promtool", arguments);
        return (await tool.WaitForExitAsync(TimeSpan.FromSeconds(60)), tool.Output);
    }
}
