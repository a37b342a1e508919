using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Backchannel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>A publication: waits for the CLI where one started the AppHost, runs the step that was asked for and those before it, and tells how it ended.</summary>
internal sealed partial class PipelineRun(
    DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext, PublishSettings settings, PipelineReport report,
    ManifestPublisher manifest, ApplicationSteps applicationSteps, IDistributedApplicationEventing eventing, IServiceProvider services, CliChannel cli, ILogger<PipelineRun> logger)
{
    private readonly Lock _lock = new();
    private Pipeline? _pipeline;

    /// <summary>The steps. Found once, before the first of them changes the application; the CLI may ask for them meanwhile.</summary>
    public Pipeline Pipeline
    {
        get
        {
            lock (_lock)
            {
                return _pipeline ??= new Pipeline(model, WellKnown());
            }
        }
    }

    /// <summary>Runs it; false when a step failed, which has been said then.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await cli.WaitForConnectionAsync(cancellationToken).ConfigureAwait(false);
        var succeeded = false;
        try
        {
            succeeded = await RunStepsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DistributedApplicationException exception)
        {
            report.Started(settings.Step);
            report.Failed(settings.Step, exception.Message);
        }
        finally
        {
            report.Complete(succeeded ? "Pipeline completed" : "Pipeline failed", isFailure: !succeeded);
        }

        await cli.WaitForStopRequestAsync(cancellationToken).ConfigureAwait(false);
        return succeeded;
    }

    private async Task<bool> RunStepsAsync(CancellationToken cancellationToken)
    {
        // What comes before the start belongs to every publication, whichever step is asked for.
        var steps = Pipeline.UpTo(WellKnownSteps.BeforeStart).Union(Pipeline.UpTo(settings.Step));
        foreach (var step in steps)
        {
            report.Started(step.Name);
            try
            {
                await step.RunAsync(new StepContext(step, model, executionContext, settings, report, cancellationToken)).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                report.Failed(step.Name, exception.Message);
                LogDetails(exception);
                return false;
            }

            report.Succeeded(step.Name);
        }

        return true;
    }

    private IEnumerable<PipelineStep> WellKnown() =>
    [
        new(WellKnownSteps.BeforeStart, "Everything that comes before the start.", PublishBeforeStartAsync),
        new(WellKnownSteps.ProcessParameters, "Looks whether every parameter has a value.", CheckParametersAsync),
        new(WellKnownSteps.PublishPrerequisites, "Everything that comes before publishing.", _ => Task.CompletedTask) { DependsOn = [WellKnownSteps.ProcessParameters] },
        new(WellKnownSteps.Publish, "Publishes the application.", RequirePublisher) { DependsOn = [WellKnownSteps.PublishPrerequisites] },
        new(WellKnownSteps.PublishManifest, "Writes the application's manifest.", manifest.WriteAsync),
        .. applicationSteps.Create(services),
    ];

    private Task PublishBeforeStartAsync(StepContext context) =>
        eventing.PublishAsync(new BeforeStartEvent(services, model), context.CancellationToken);

    /// <summary>A missing value does not end a publication: whoever installs the chart gives it.</summary>
    private static async Task CheckParametersAsync(StepContext context)
    {
        foreach (var parameter in context.Model.Resources.OfType<ParameterResource>().Where(parameter => parameter.Default is null))
        {
            try
            {
                await parameter.GetValueAsync(context.CancellationToken).ConfigureAwait(false);
            }
            catch (MissingParameterValueException)
            {
                context.Report.Warn(context.Step.Name, $"Parameter '{parameter.Name}' has no value now; it has to be given at the deployment.");
            }
        }
    }

    private Task RequirePublisher(StepContext context) => Pipeline.Steps.Any(step => step.RequiredBy.Contains(WellKnownSteps.Publish))
        ? Task.CompletedTask
        : throw new DistributedApplicationException(
            $"Nothing is published: the application has no environment to be published for, such as one of AddKubernetesEnvironment. The step for the manifest is '{WellKnownSteps.PublishManifest}'.");

    [LoggerMessage(LogLevel.Debug, "The step failed.")]
    private partial void LogDetails(Exception exception);
}
