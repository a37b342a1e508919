namespace Sluice.AppHost;

/// <summary>A Prometheus of this run, on the loopback interface: it scrapes every service and evaluates the rules of <c>deploy/prometheus</c>.</summary>
internal static class LocalPrometheus
{
    private const string Program = "prometheus";

    /// <summary>Whether the program is on the PATH.</summary>
    public static bool IsInstalled() => Programs.IsOnPath(Program);

    /// <summary>Adds it.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="port">Its port on 127.0.0.1.</param>
    /// <param name="folder">Where its data and configuration lie.</param>
    /// <param name="rulesFolder">Where the rules lie.</param>
    /// <param name="registry">Tells it where gateways and predictors are.</param>
    /// <param name="judge">Scraped besides.</param>
    public static IResourceBuilder<ExecutableResource> Add(
        IDistributedApplicationBuilder builder,
        int port,
        string folder,
        string rulesFolder,
        IResourceBuilder<ProjectResource> registry,
        IResourceBuilder<ProjectResource> judge)
    {
        var configuration = new PrometheusConfiguration(Path.Combine(folder, "prometheus.yml"), rulesFolder);

        // The program starts in its folder.
        Directory.CreateDirectory(folder);
        return builder
            .AddExecutable(
                "prometheus",
                Program,
                folder,
                $"--config.file={configuration.File}",
                $"--storage.tsdb.path={Path.Combine(folder, "data")}",
                "--storage.tsdb.retention.time=3d",
                $"--web.listen-address=127.0.0.1:{port}")
            .WithHttpEndpoint(port: port, isProxied: false)
            .WithHttpHealthCheck("/-/ready")
            .WithEnvironment(async context => configuration.Write(
                await AddressOfAsync(registry, context.CancellationToken),
                await AddressOfAsync(judge, context.CancellationToken)))
            .WaitFor(registry);
    }

    /// <summary>Lets the judge judge by what it has, instead of reading the gateways' pages itself.</summary>
    public static void JudgesBy(this IResourceBuilder<ProjectResource> judge, IResourceBuilder<ExecutableResource> prometheus) =>
        judge.WithEnvironment("Judge__Prometheus__Url", prometheus.GetEndpoint("http"));

    // One process stands behind it, so that the proxy in front of it shows the page of no other.
    private static async Task<string> AddressOfAsync(IResourceBuilder<ProjectResource> service, CancellationToken cancellationToken) =>
        await service.GetEndpoint("management").Property(EndpointProperty.HostAndPort).GetValueAsync(cancellationToken)
            ?? throw new InvalidOperationException($"The management endpoint of {service.Resource.Name} has no address.");
}
