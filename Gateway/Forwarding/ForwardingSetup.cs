using Sluice.Gateway.Holding;

namespace Sluice.Gateway.Forwarding;

/// <summary>Brings inference: from the path to the replica and back.</summary>
internal static class ForwardingSetup
{
    public static void AddForwarding(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton<UpstreamConnections>();
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Drain>());
        builder.Services.AddSingleton<HeldBudget>();
        builder.Services.AddSingleton<RetryBudget>();
        builder.Services.AddSingleton<Attempts>();
        builder.Services.AddSingleton<ShieldedCanary>();
        builder.Services.AddSingleton<InferenceForwarder>();
    }

    public static void UseInference(this WebApplication app) => app.UseMiddleware<InferenceMiddleware>();
}
