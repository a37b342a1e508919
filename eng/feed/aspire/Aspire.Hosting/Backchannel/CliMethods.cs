using System.Runtime.CompilerServices;
using System.Text.Json;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Backchannel;

/// <summary>What the CLI can ask of an AppHost.</summary>
internal sealed class CliMethods(
    IServiceProvider services, CliChannel cli, DashboardAddress dashboard, DistributedApplicationExecutionContext executionContext, IHostApplicationLifetime lifetime)
{
    // "baseline.v2" is what the CLI refuses to go on without.
    private static readonly string[] Capabilities = ["baseline.v2", "pipeline-steps.v1"];

    public IReadOnlyDictionary<string, RpcMethod> All => new Dictionary<string, RpcMethod>
    {
        ["GetCapabilitiesAsync"] = (_, _) => Task.FromResult<object?>(Capabilities),
        ["GetDashboardUrlsAsync"] = async (_, cancellationToken) => await GetDashboardUrlsAsync(cancellationToken).ConfigureAwait(false),
        ["GetAppHostLogEntriesAsync"] = (_, cancellationToken) =>
            Task.FromResult<object?>(services.GetRequiredService<LogEntries>().ReadAllAsync(CancellationToken.None)),
        ["NotifyAppHostReadyAsync"] = (_, _) => Task.FromResult<object?>(null),
        ["GetPublishingActivitiesAsync"] = (_, _) => Task.FromResult<object?>(ReadActivitiesAsync(services.GetRequiredService<PipelineReport>(), CancellationToken.None)),
        ["GetPipelineStepsAsync"] = (parameters, _) => Task.FromResult<object?>(GetPipelineSteps(parameters)),
        ["RequestStopAsync"] = (_, _) =>
        {
            cli.RequestStop();
            if (executionContext.IsRunMode)
            {
                lifetime.StopApplication();
            }

            return Task.FromResult<object?>(null);
        },
    };

    private async Task<object> GetDashboardUrlsAsync(CancellationToken cancellationToken)
    {
        var url = await dashboard.GetAsync(cancellationToken).ConfigureAwait(false);
        return new { DashboardHealthy = url is not null, BaseUrlWithLoginToken = url, CodespacesUrlWithLoginToken = (string?)null };
    }

    private static async IAsyncEnumerable<object> ReadActivitiesAsync(PipelineReport report, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var activity in report.Activities.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var data = activity.Data;
            yield return new
            {
                activity.Type,
                Data = new
                {
                    data.Id,
                    data.StatusText,
                    CompletionState = data.State,
                    data.StepId,
                    data.CompletionMessage,
                    LogLevel = data.LogLevel?.ToString(),
                    data.Timestamp,

                    // Names of files and messages of exceptions are no markup.
                    EnableMarkdown = false,
                },
            };
        }
    }

    private object GetPipelineSteps(JsonElement parameters)
    {
        var pipeline = services.GetRequiredService<PipelineRun>().Pipeline;
        var asked = parameters.ValueKind == JsonValueKind.Array && parameters.GetArrayLength() > 0 && parameters[0].ValueKind == JsonValueKind.Object
            ? parameters[0].EnumerateObject().FirstOrDefault(property => property.Name.Equals("step", StringComparison.OrdinalIgnoreCase)).Value
            : default;
        var steps = asked.ValueKind == JsonValueKind.String ? pipeline.UpTo(asked.GetString()!) : pipeline.Steps;
        return new
        {
            Steps = steps.Select(step => new
            {
                step.Name,
                step.Description,
                DependsOn = pipeline.Before(step),
                Tags = Array.Empty<string>(),
                ResourceName = step.Resource,
            }),
        };
    }
}
