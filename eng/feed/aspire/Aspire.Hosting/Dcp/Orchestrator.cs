using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Building;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>
/// The start: DCP, then all services, then each resource on its own, as soon as what it waits for is ready. The end: <see cref="StopOrder"/>.
/// </summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model, DcpLocations locations, AppHostProject appHost, ResourceNotificationService notifications,
    ResourceLoggerService loggers, ParameterStates parameters, ProcessStart processStart, ProcessStates processStates,
    ILogger<Orchestrator> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private DcpSession? _session;
    private Task _work = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StartCoreAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // The host does not stop what failed to start.
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            await session.StopAsync(StopOrder.Of(model.Resources.Where(resource => resource is ProjectResource or ExecutableResource))).ConfigureAwait(false);
            await session.DisposeAsync().ConfigureAwait(false);
        }

        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task StartCoreAsync(CancellationToken cancellationToken)
    {
        if (model.Resources.OfType<ContainerResource>().FirstOrDefault() is { } container)
        {
            throw new DistributedApplicationException(
                $"Resource '{container.Name}' is a container, and the Aspire stand-in runs none: add it where ExecutionContext.IsPublishMode is true only.");
        }

        foreach (var project in model.Resources.OfType<ProjectResource>())
        {
            project.Annotations.Add(ProjectLaunch.Create(project, appHost));
        }

        var launched = model.Resources.Where(resource => resource.Annotations.OfType<LaunchAnnotation>().Any()).ToList();
        foreach (var resource in launched)
        {
            resource.Annotations.Add(ProjectLaunch.CreateInstances(resource));
            await notifications.PublishUpdateAsync(resource, before => InitialState(resource, before)).ConfigureAwait(false);
        }

        var services = launched.SelectMany(ServicePlan.For).ToList();
        var dcpPath = locations.CliPath;
        await parameters.ResolveAsync(model.Resources.OfType<ParameterResource>(), cancellationToken).ConfigureAwait(false);
        _session = await DcpSession.StartAsync(dcpPath, logger, cancellationToken).ConfigureAwait(false);
        var client = _session.Client;
        await ServiceAllocation.AllocateAsync(client, services, cancellationToken).ConfigureAwait(false);

        var processes = launched.SelectMany(r => r.GetInstanceIds().Select(id => (Id: id, Resource: r))).ToDictionary(p => p.Id, p => p.Resource);
        loggers.ProcessOutput = (id, follow, lines, token) => processes.ContainsKey(id) ? ProcessOutput.ReadAsync(client, id, follow, lines, token) : Task.CompletedTask;
        _work = Task.WhenAll(
            [processStates.WatchAsync(client, processes, _stopping.Token), .. launched.Select(r => processStart.StartAsync(client, r, _stopping.Token))]);
    }

    private static CustomResourceSnapshot InitialState(IResource resource, CustomResourceSnapshot before)
    {
        var launch = resource.Annotations.OfType<LaunchAnnotation>().Last();
        return before with
        {
            ResourceType = launch.ResourceType,
            Properties = [.. launch.Properties],
            State = KnownResourceStates.NotStarted,
            IsHidden = launch.IsHidden,
            HealthReports = ResourceHealth.InitialReports(resource),
            Relationships = [.. resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(r => new RelationshipSnapshot(r.Resource.Name, r.Type)).Distinct()],
        };
    }
}

internal static class OrchestratorServices
{
    public static void AddDcp(this IServiceCollection services, bool withDashboard)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        services.AddSingleton<DcpLocations>();
        services.AddSingleton<ParameterStates>();
        services.AddSingleton<ProcessStart>();
        services.AddSingleton<ProcessStates>();
        if (withDashboard)
        {
            services.AddSingleton<ResourceService>();
            services.AddHostedService<DashboardHost>();
        }

        services.AddHostedService<Orchestrator>();
    }
}
