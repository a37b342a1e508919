using Microsoft.Extensions.DependencyInjection;
using Sluice.CanaryJudge.Sources;

namespace Sluice.CanaryJudge.Tests.Sources;

/// <summary>By what the judge judges.</summary>
public sealed class SourceChoiceTests
{
    [Fact]
    public void Without_a_Prometheus_the_gateways_own_pages_are_read()
    {
        using var judge = RunningJudge.Start();

        Assert.Equal("embedded", judge.Services.GetRequiredService<IMetricsSource>().Name);
    }

    [Fact]
    public void A_Prometheus_that_is_named_is_asked()
    {
        using var judge = RunningJudge.Start(("Judge:Prometheus:Url", "http://127.0.0.1:9"));

        Assert.Equal("prometheus", judge.Services.GetRequiredService<IMetricsSource>().Name);
    }
}
