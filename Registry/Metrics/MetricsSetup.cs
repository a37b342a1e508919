using Sluice.ServiceDefaults;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Registry.Metrics;

/// <summary>Adds what the Registry counts.</summary>
internal static class MetricsSetup
{
    /// <summary>The instruments, and the series of models with the loop that follows them, and where Prometheus finds the rest of the fleet.</summary>
    public static WebApplicationBuilder AddRegistryMetrics(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RegistryMetrics>();
        builder.Services.AddSingleton<ModelMetrics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ModelMetrics>());
        builder.Services.AddMetricSource<ModelMetrics>();
        builder.Services.AddSingleton(services => new ManagementPage(
            ScrapeTargets.Path, ActivatorUtilities.CreateInstance<ScrapeTargets>(services).AnswerAsync));
        return builder;
    }
}
