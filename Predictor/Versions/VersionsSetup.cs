using Microsoft.Extensions.Options;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Versions;

/// <summary>Registers what loads, holds and unloads versions.</summary>
internal static class VersionsSetup
{
    public static WebApplicationBuilder AddVersions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => ComputeDevice.Choose(services.GetRequiredService<IOptions<PredictorOptions>>().Value));
        builder.Services.AddSingleton<BlobCache>();
        builder.Services.AddSingleton<LoadMarks>();
        builder.Services.AddSingleton<ComputePlaces>();
        builder.Services.AddSingleton<VersionLoader>();
        builder.Services.AddSingleton<ServedVersions>();
        builder.Services.AddSingleton<ChangeSignal>();
        builder.Services.AddSingleton<Reconciler>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Reconciler>());
        builder.Services.AddSingleton<ProofLoop>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ProofLoop>());
        builder.Services.AddSingleton<CacheSweep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CacheSweep>());
        builder.Services.AddHealthChecks().AddCheck<SettledCheck>("versions");
        return builder;
    }
}
