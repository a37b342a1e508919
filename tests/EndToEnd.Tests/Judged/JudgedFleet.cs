using Sluice.EndToEnd.Tests.Faults;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Judged;

/// <summary>A fleet with a judge, and a Prometheus that the Registry tells whom to scrape.</summary>
public sealed class JudgedFleet : Fleet
{
    /// <summary>The judge.</summary>
    internal ServiceProcess Judge { get; private set; } = null!;

    /// <summary>What it judges by.</summary>
    internal PrometheusServer Prometheus { get; private set; } = null!;

    /// <inheritdoc />
    public override async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null || !PrometheusServer.IsInstalled)
        {
            return; // every story is skipped
        }

        await base.InitializeAsync();
        Prometheus = await PrometheusServer.DiscoverAsync(TimeSpan.FromSeconds(2), new Uri(Registry.Management, "/scrape-targets"));
        Judge = new ServiceProcess(
            "CanaryJudge",
            ("RegistryClient__Address", Registry.Address.ToString()),
            ("RegistryClient__StateFile", PathOf("judge.json")),
            ("Judge__Prometheus__Url", Prometheus.Http.BaseAddress!.AbsoluteUri));
        Judge.Start();
        await Judge.ReadyAsync();
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (Judge is not null)
        {
            await Judge.DisposeAsync();
            await Prometheus.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
