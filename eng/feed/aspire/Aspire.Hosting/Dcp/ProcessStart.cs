using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>Brings a resource from NotStarted to DCP: waits for what it depends on, resolves its environment, creates its processes.</summary>
internal sealed partial class ProcessStart(
    DistributedApplicationExecutionContext executionContext, ResourceNotificationService notifications, ResourceLoggerService loggers,
    ILogger<ProcessStart> logger)
{
    public async Task StartAsync(DcpClient client, IResource resource, CancellationToken cancellationToken)
    {
        try
        {
            await WaitForDependenciesAsync(resource, cancellationToken).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Starting }).ConfigureAwait(false);
            var environment = await ProcessEnvironment.EvaluateAsync(resource, executionContext, loggers.GetLogger(resource), cancellationToken).ConfigureAwait(false);
            var ids = resource.GetInstanceIds();
            await Task.WhenAll(ids.Select((id, index) => client.CreateAsync(
                DcpClient.Executables, ToDcp(resource, id, index, ids.Count, environment), DcpJson.Default.DcpObjectExecutableSpecExecutableStatus, cancellationToken)))
                .ConfigureAwait(false);
        }
        catch (MissingParameterValueException exception)
        {
            await ReportAsync(resource, exception, new(KnownResourceStates.Waiting, KnownResourceStateStyles.Warn)).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await ReportAsync(resource, exception, new(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error)).ConfigureAwait(false);
        }
    }

    private static DcpObject<ExecutableSpec, ExecutableStatus> ToDcp(
        IResource resource, string id, int index, int count, IReadOnlyList<DcpVariable> environment)
    {
        var launch = resource.Annotations.OfType<LaunchAnnotation>().Last();
        var producers = ServicePlan.For(resource).Select(service => service.ToProducer()).ToList();
        return new()
        {
            Kind = "Executable",
            Metadata = new DcpMetadata(id)
            {
                Annotations = new()
                {
                    ["resource-name"] = resource.Name,
                    ["resource-replica-count"] = count.ToString(CultureInfo.InvariantCulture),
                    ["resource-replica-index"] = index.ToString(CultureInfo.InvariantCulture),
                    ["otel-service-name"] = resource.Name,
                    ["otel-service-instance-id"] = id[(resource.Name.Length + 1)..],
                    ["service-producer"] = JsonSerializer.Serialize(producers, DcpJson.Default.IReadOnlyListServiceProducer),
                },
            },
            Spec = new ExecutableSpec
            {
                ExecutablePath = launch.Command,
                Args = launch.Arguments,
                WorkingDirectory = launch.WorkingDirectory,
                Env = environment,
            },
        };
    }

    private async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource).Distinct().ToList();
        if (waits.Count == 0)
        {
            return;
        }

        var log = loggers.GetLogger(resource);
        await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Waiting }).ConfigureAwait(false);
        await Task.WhenAll(waits.Select(async dependency =>
        {
            LogWaiting(log, dependency.Name);
            await Task.WhenAll(dependency.GetInstanceIds().Select(id => WaitForReadyAsync(dependency, id, log, cancellationToken))).ConfigureAwait(false);
            LogWaited(log, dependency.Name);
        })).ConfigureAwait(false);
    }

    private async Task WaitForReadyAsync(IResource dependency, string id, ILogger log, CancellationToken cancellationToken)
    {
        var seen = "";
        var ready = await notifications.WaitAsync(
            e =>
            {
                var state = e.ResourceId == id ? e.Snapshot.State?.Text ?? "" : seen;
                if (state != seen && KnownResourceStates.TerminalStates.Contains(state))
                {
                    LogDependencyEnded(log, dependency.Name, state);
                }

                seen = state;
                return e.ResourceId == id && IsReady(e);
            },
            cancellationToken).ConfigureAwait(false);
        await (ready.Snapshot.ReadyEvent ?? Task.CompletedTask).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A parameter has neither processes nor checks: it is ready when it has a value.</summary>
    private static bool IsReady(ResourceEvent e) =>
        e.Resource is ParameterResource ? e.Snapshot.State?.Text == KnownResourceStates.Running : ResourceNotificationService.IsReady(e);

    private async Task ReportAsync(IResource resource, Exception exception, ResourceStateSnapshot state)
    {
        LogNotStarted(logger, resource.Name, exception.Message);
        LogNotStarted(loggers.GetLogger(resource), resource.Name, exception.Message);
        await notifications.PublishUpdateAsync(resource, s => s with { State = state }).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Information, "Waiting for resource '{Dependency}' to become healthy.")]
    private static partial void LogWaiting(ILogger logger, string dependency);

    [LoggerMessage(LogLevel.Information, "Finished waiting for resource '{Dependency}'.")]
    private static partial void LogWaited(ILogger logger, string dependency);

    [LoggerMessage(LogLevel.Warning, "Resource '{Dependency}' is {State}; still waiting for it.")]
    private static partial void LogDependencyEnded(ILogger logger, string dependency, string state);

    [LoggerMessage(LogLevel.Error, "Resource '{Resource}' was not started: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string resource, string reason);
}
