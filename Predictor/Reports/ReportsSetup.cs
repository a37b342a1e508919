using Microsoft.Extensions.Options;

namespace Sluice.Predictor.Reports;

/// <summary>Registers what tells the Registry of this replica, and the orderly end.</summary>
internal static class ReportsSetup
{
    /// <summary>What the end takes beside the wait for requests in flight: last words to the Registry, connections, sessions.</summary>
    private static readonly TimeSpan BesideDraining = TimeSpan.FromSeconds(10);

    public static WebApplicationBuilder AddReports(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ReplicaIdentity>();
        builder.Services.AddSingleton<ReplicaReporter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ReplicaReporter>());
        builder.Services.AddHostedService<Shutdown>();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<PredictorOptions>>(
            (host, predictor) => host.ShutdownTimeout = predictor.Value.DrainTimeout + BesideDraining);
        return builder;
    }
}
