using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Registry.Metrics;

/// <summary>Adds what the Registry counts.</summary>
internal static class MetricsSetup
{
    /// <summary>The instruments, and the series of models with the loop that follows them.</summary>
    public static WebApplicationBuilder AddRegistryMetrics(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RegistryMetrics>();
        builder.Services.AddSingleton<ModelMetrics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ModelMetrics>());
        builder.Services.AddMetricSource<ModelMetrics>();
        return builder;
    }
}
