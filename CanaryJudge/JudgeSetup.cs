using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Sluice.CanaryJudge.Rounds;
using Sluice.CanaryJudge.Sources;
using Sluice.CanaryJudge.Sources.Prometheus;
using Sluice.CanaryJudge.Sources.Scraping;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.CanaryJudge;

/// <summary>Brings the judge: source, rounds, metrics and health.</summary>
internal static class JudgeSetup
{
    public static void AddJudge(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.AddServerHeader = false);
        builder.Services.AddSingleton<IValidateOptions<JudgeOptions>, JudgeOptionsValidator>();
        builder.Services.AddOptions<JudgeOptions>()
            .BindConfiguration(JudgeOptions.Section)
            .Validate(
                options => options.LeaseDuration >= options.Interval * 2,
                "Judge:LeaseDuration must be at least twice Judge:Interval, or the lease would run out between two looks.")
            .ValidateOnStart();
        builder.Services.AddSingleton<JudgeMetrics>();
        builder.Services.AddMetricSource<JudgeMetrics>();
        builder.AddScrapeSource();
        builder.AddPrometheusSource();
        builder.Services.AddSingleton<IMetricsSource>(static services => services.GetRequiredService<IOptions<PrometheusOptions>>().Value.Url is null
            ? services.GetRequiredService<ScrapeSource>()
            : services.GetRequiredService<PrometheusSource>());
        builder.AddRounds();
        builder.Services.AddHealthChecks().AddCheck<FollowingCheck>("registry-watch");
    }

    private static void AddScrapeSource(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ScrapeOptions>, ScrapeOptionsValidator>();
        builder.Services.AddOptions<ScrapeOptions>().BindConfiguration(ScrapeOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<PageClient>();
        builder.Services.AddSingleton<ScrapeSource>();
    }

    private static void AddRounds(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<CaseFile>();
        builder.Services.AddSingleton<Openings>();
        builder.Services.AddSingleton<JudgeLease>();
        builder.Services.AddSingleton<Endings>();
        builder.Services.AddSingleton<JudgeRound>();
        builder.Services.AddHostedService<JudgeLoop>();
    }
}

/// <summary>Ready while the Registry is heard. A judge that cannot see must not be taken for one that has nothing to object to.</summary>
internal sealed class FollowingCheck(RegistryWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.IsConnected
            ? HealthCheckResult.Healthy($"Following the Registry at revision {watch.Current.Revision}.")
            : HealthCheckResult.Unhealthy(watch.Silence is { } silence
                ? $"The Registry was last heard {silence.TotalSeconds:0} s ago."
                : "The Registry was not heard since the start."));
}
