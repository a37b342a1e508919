using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>Turns what DCP tells of processes and of who listens into states of resources.</summary>
internal sealed partial class ProcessStates(
    ResourceNotificationService notifications, IHostApplicationLifetime lifetime, ILogger<ProcessStates> logger)
{
    // Long watches have been seen to fall silent.
    private static readonly TimeSpan Reopen = TimeSpan.FromMinutes(5);
    private const int TriesBeforeGivingUp = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _listening = []; // name of DCP's endpoint → "id of the process/name of the service"

    public Task WatchAsync(DcpClient client, IReadOnlyDictionary<string, IResource> processes, CancellationToken cancellationToken) => Task.WhenAll(
        WatchAsync(client, DcpClient.Executables, DcpJson.Default.DcpWatchEventDcpObjectExecutableSpecExecutableStatus, e => OnExecutableAsync(processes, e), cancellationToken),
        WatchAsync(client, DcpClient.Endpoints, DcpJson.Default.DcpWatchEventDcpObjectEndpointSpecServiceStatus, e => OnEndpointAsync(processes, e), cancellationToken));

    private async Task WatchAsync<T>(DcpClient client, string plural, JsonTypeInfo<T> type, Func<T, Task> changed, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            using var reopen = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            reopen.CancelAfter(Reopen);
            try
            {
                await foreach (var change in client.WatchAsync(plural, type, reopen.Token).ConfigureAwait(false))
                {
                    failures = 0;
                    await changed(change).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (reopen.IsCancellationRequested)
            {
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                failures++;
                if (failures == TriesBeforeGivingUp && !cancellationToken.IsCancellationRequested)
                {
                    LogDcpGone(exception.Message);
                    lifetime.StopApplication();
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task OnExecutableAsync(
        IReadOnlyDictionary<string, IResource> processes, DcpWatchEvent<DcpObject<ExecutableSpec, ExecutableStatus>> change)
    {
        var (id, executable) = (change.Object.Metadata.Name, change.Object);
        if (change.Type == "DELETED" || executable.Status is not { State: { Length: > 0 } state } status || !processes.TryGetValue(id, out var resource))
        {
            return;
        }

        var (isNews, hasFailed) = (false, state == KnownResourceStates.FailedToStart || (status.ExitCode ?? 0) != 0);
        var set = executable.Spec.Env?.Select(variable => variable.Name).ToHashSet() ?? [];
        await notifications.PublishUpdateAsync(resource, id, before =>
        {
            isNews = before.State?.Text != state;
            return before with
            {
                State = new(state, hasFailed ? KnownResourceStateStyles.Error : null),
                StartTimeStamp = status.StartupTimestamp?.ToUniversalTime(),
                StopTimeStamp = status.FinishTimestamp?.ToUniversalTime(),
                ExitCode = status.ExitCode,
                EnvironmentVariables = [.. status.EffectiveEnv?.Select(v => new EnvironmentVariableSnapshot(v.Name, v.Value, set.Contains(v.Name))) ?? []],
                Properties = Properties(resource, executable),
                Urls = Urls(resource, id),
            };
        }).ConfigureAwait(false);
        if (isNews && hasFailed && !lifetime.ApplicationStopping.IsCancellationRequested)
        {
            LogFailed(resource.Name, id, state, status.ExitCode);
        }
    }

    private async Task OnEndpointAsync(IReadOnlyDictionary<string, IResource> processes, DcpWatchEvent<DcpObject<EndpointSpec, ServiceStatus>> change)
    {
        var id = change.Object.Metadata.OwnerReferences is [var owner, ..] ? owner.Name : null;
        if (id is null || !processes.TryGetValue(id, out var resource))
        {
            return;
        }

        lock (_lock)
        {
            if (change.Type == "DELETED")
            {
                _listening.Remove(change.Object.Metadata.Name);
            }
            else
            {
                _listening[change.Object.Metadata.Name] = $"{id}/{change.Object.Spec.ServiceName}";
            }
        }

        await notifications.PublishUpdateAsync(resource, id, before => before with { Urls = Urls(resource, id) }).ConfigureAwait(false);
    }

    private static ImmutableArray<ResourcePropertySnapshot> Properties(IResource resource, DcpObject<ExecutableSpec, ExecutableStatus> executable) =>
    [
        .. resource.Annotations.OfType<LaunchAnnotation>().Last().Properties,
        new("executable.path", executable.Spec.ExecutablePath),
        new("executable.workDir", executable.Spec.WorkingDirectory),
        new("executable.args", executable.Status?.EffectiveArgs ?? executable.Spec.Args ?? []),
        new("executable.pid", executable.Status?.Pid),
    ];

    /// <summary>The addresses for clients; inactive where this process does not listen (yet, or any more).</summary>
    private ImmutableArray<UrlSnapshot> Urls(IResource resource, string id)
    {
        HashSet<string> active;
        lock (_lock)
        {
            active = [.. _listening.Values];
        }

        return
        [
            .. ServicePlan.For(resource).Where(service => service.Endpoint.AllocatedEndpoint is not null).Select(service =>
            {
                var url = new ResourceUrlAnnotation
                {
                    Url = service.Endpoint.AllocatedEndpoint!.UriString,
                    Endpoint = new EndpointReference((IResourceWithEndpoints)resource, service.Endpoint),
                };
                foreach (var change in resource.Annotations.OfType<UrlForEndpointAnnotation>().Where(a => a.EndpointName == service.Endpoint.Name))
                {
                    change.Callback(url);
                }

                return new UrlSnapshot(service.Endpoint.Name, url.Url, url.DisplayLocation == UrlDisplayLocation.DetailsOnly)
                {
                    IsInactive = !active.Contains($"{id}/{service.Name}"),
                    DisplayProperties = new(url.DisplayText ?? "", url.DisplayOrder ?? 0),
                };
            }),
        ];
    }

    [LoggerMessage(LogLevel.Error, "Resource '{Resource}' ({Id}) is {State}, exit code {ExitCode}; its console log on the dashboard says more.")]
    private partial void LogFailed(string resource, string id, string state, int? exitCode);

    [LoggerMessage(LogLevel.Critical, "DCP is gone and with it every process of the application: {Reason}")]
    private partial void LogDcpGone(string reason);
}
