using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sluice.AppHost.Commands;

/// <summary>What can be tried from the dashboard, without a line of code: traffic, a good and a bad version, promotion and the way back.</summary>
internal static class DashboardCommands
{
    private const int GoodVersion = 2;
    private const int BadVersion = 4;

    /// <summary>Adds them. Each says what it did, or why it could not.</summary>
    /// <param name="gateway">Gets the traffic.</param>
    /// <param name="registry">Gets the orders.</param>
    /// <param name="adminToken">The secret by which it takes them.</param>
    /// <param name="samplesFolder">Where the rows lie that are asked.</param>
    public static void Add(
        IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ProjectResource> registry, IResourceBuilder<ParameterResource> adminToken, string samplesFolder)
    {
        var traffic = new SampleTraffic(gateway.GetEndpoint("http"), samplesFolder);
        var rollouts = new SampleRollouts(registry.GetEndpoint("http"), adminToken.Resource);
        gateway.WithCommand(
            "send-sample-traffic",
            "Send sample traffic",
            traffic.StartAsync,
            Options($"{SampleTraffic.RequestsPerSecond} requests a second to wine for {SampleTraffic.Duration.TotalMinutes:0} minutes: what a rollout needs to come to a verdict.", "Send", isHighlighted: true));
        registry
            .WithCommand(
                "start-good-canary",
                "Start a good canary",
                context => rollouts.StartAsync(GoodVersion, context.CancellationToken),
                Options($"Rolls out version {GoodVersion} of wine, which is better than version 1. With traffic it is promoted within some two minutes.", "BranchFork"))
            .WithCommand(
                "start-bad-canary",
                "Start a bad canary",
                context => rollouts.StartAsync(BadVersion, context.CancellationToken),
                Options($"Rolls out version {BadVersion} of wine, which fails on every fourth row. With traffic it is rolled back within seconds; no user sees a failure.", "Bug"))
            .WithCommand(
                "promote",
                "Promote",
                context => rollouts.OrderAsync("promote", context.CancellationToken),
                Options("Makes the canary of the open rollout stable, whatever the judge has seen.", "ArrowUp", "Promote the canary without waiting for the judge?"))
            .WithCommand(
                "roll-back",
                "Roll back",
                context => rollouts.OrderAsync("rollback", context.CancellationToken),
                Options("Takes the canary of the open rollout back; or, while the former version is kept, the promotion.", "ArrowUndo"));
    }

    private static CommandOptions Options(string description, string icon, string? question = null, bool isHighlighted = false) => new()
    {
        Description = description,
        IconName = icon,
        ConfirmationMessage = question,
        IsHighlighted = isHighlighted,
        UpdateState = context => context.ResourceSnapshot.HealthStatus == HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
    };
}
