// Two services, one of them twice; the tests give the ports, and more where they ask for it. It can be published, too.
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

var builder = DistributedApplication.CreateBuilder(args);
builder.AddKubernetesEnvironment("k8s");
var secret = builder.AddParameter("sample-secret", new GenerateParameterDefault { MinLength = 24, Special = false }, secret: true, persist: true);

var back = builder.AddProject<Projects.SampleWeb>("back", launchProfileName: null)
    .WithHttpEndpoint(port: int.Parse(builder.Configuration["BACK_PORT"] ?? "0", CultureInfo.InvariantCulture))
    .WithHttpEndpoint(name: "second", env: "SECOND_PORT")
    .WithUrlForEndpoint("second", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
    .WithEnvironment("HEALTHY_AFTER_SECONDS", builder.Configuration["HEALTHY_AFTER_SECONDS"] ?? "0")
    .WithEnvironment("SECRET", secret)
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

// A program of the machine that becomes healthy by itself; front waits for it, too.
var flag = Path.Combine(Path.GetTempPath(), $"sample-flag-{Guid.NewGuid():N}");
builder.Services.AddHealthChecks().AddCheck("flag", () => File.Exists(flag) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
var tool = builder.AddExecutable("tool", "sh", "/", "-c", "touch \"$FLAG\"; trap 'rm -f \"$FLAG\"; exit 0' TERM; while :; do sleep 0.1; done", "second argument")
    .WithEnvironment("FLAG", flag)
    .WithEnvironment("SECRET", secret)
    .WithHealthCheck("flag");

builder.AddProject<Projects.SampleWeb>("front", launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(back)
    .WithEnvironment("MIXED", $"{back.GetEndpoint("http")}/x?{secret}")
    .WithExternalHttpEndpoints()
    .WaitFor(back)
    .WaitFor(tool)
    .WithCommand(
        "greet",
        "Greet",
        context => Task.FromResult(new ExecuteCommandResult { Success = true, Message = $"hello from {context.ResourceName}" }),
        new CommandOptions
        {
            Description = "Says hello.",
            ConfirmationMessage = "Sure?",
            IconName = "Person",
            IconVariant = IconVariant.Filled,
            IsHighlighted = true,
            UpdateState = context => context.ResourceSnapshot.HealthStatus == HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
        })
    .WithCommand("refuse", "Refuse", _ => Task.FromResult(new ExecuteCommandResult { Success = false, Message = "not today" }))
    .WithCommand("break", "Break", _ => throw new InvalidOperationException("broken"))
    .WithCommand("give-up", "Give up", _ => throw new OperationCanceledException())
    .WithCommand("give-up", "Give up", context => Task.FromResult(new ExecuteCommandResult { Success = false, Canceled = true }))
    .OnResourceReady((front, _, _) =>
    {
        Console.WriteLine($"front is ready: {front.GetEndpoint("http").Url}");
        return Task.CompletedTask;
    });

if (builder.Configuration["WITH_NEEDY"] is not null)
{
    builder.AddProject<Projects.SampleWeb>("needy", launchProfileName: null).WithEnvironment("NEEDED", builder.AddParameter("needed-value"));
}

builder.Build().Run();
