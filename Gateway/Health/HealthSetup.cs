namespace Sluice.Gateway.Health;

/// <summary>Brings the gateway's own look at replicas.</summary>
internal static class HealthSetup
{
    public static void AddHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService<ProbeLoop>();
        builder.Services.AddSingleton<BreakerWatch>();
    }
}
