using Sluice.AppHost.Kubernetes;

namespace Sluice.AppHost;

/// <summary>What the services have alike.</summary>
internal static class ServiceExtensions
{
    /// <summary>
    /// A management endpoint of its own that is asked whether the service is ready; in a run, the AppHost's environment; in a publication, a place in the chart.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AsSluiceService(this IResourceBuilder<ProjectResource> service, ClusterChart chart)
    {
        chart.Take(service);
        return service
            .ForLocalRun()
            .WithHttpEndpoint(targetPort: chart.ManagementPort, name: "management", env: "Management__Port")
            .WithHttpHealthCheck("/health/ready", endpointName: "management");
    }

    /// <summary>Names a file or folder of this machine. What is published is told of none: its containers have their own.</summary>
    public static IResourceBuilder<ProjectResource> WithLocalFolder(this IResourceBuilder<ProjectResource> service, string variable, string path) =>
        service.ApplicationBuilder.ExecutionContext.IsRunMode ? service.WithEnvironment(variable, path) : service;

    private static IResourceBuilder<ProjectResource> ForLocalRun(this IResourceBuilder<ProjectResource> service) =>
        !service.ApplicationBuilder.ExecutionContext.IsRunMode ? service : service
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", service.ApplicationBuilder.Environment.EnvironmentName)

            // A laptop starts eight processes at once: what a runtime gains from profiling itself, it would only gain later.
            .WithEnvironment("DOTNET_TieredPGO", "0")
            // Milliseconds. At the end the dashboard may be gone first; with the default of ten seconds a service would wait for it and be killed.
            .WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "1000");

    /// <summary>Reaches the Registry, starts after it, and keeps its last known good state in a folder.</summary>
    public static IResourceBuilder<ProjectResource> FollowsRegistry(
        this IResourceBuilder<ProjectResource> service,
        IResourceBuilder<ProjectResource> registry,
        IResourceBuilder<ParameterResource> token,
        string folder) => service
            .WithReference(registry)
            .WaitFor(registry)
            .WithEnvironment("RegistryClient__Token", token)
            .WithLocalFolder("RegistryClient__StateFile", Path.Combine(folder, "last-known-good.json"));
}
