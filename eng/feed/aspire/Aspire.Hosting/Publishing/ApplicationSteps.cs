#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // what the AppHost uses of them is written down in docs/aspire-api.txt
using Aspire.Hosting.Pipelines;

namespace Aspire.Hosting.Publishing;

/// <summary>The steps that the AppHost itself adds.</summary>
internal sealed class ApplicationSteps : IDistributedApplicationPipeline
{
    private readonly List<(string Name, Func<PipelineStepContext, Task> Action, IReadOnlyList<string> DependsOn, IReadOnlyList<string> RequiredBy)> _steps = [];

    public void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null)
    {
        if (_steps.Any(step => step.Name == name))
        {
            throw new InvalidOperationException($"A step with the name '{name}' has already been added to the pipeline.");
        }

        _steps.Add((name, action, Names(dependsOn, nameof(dependsOn)), Names(requiredBy, nameof(requiredBy))));
    }

    /// <summary>The steps, for a pipeline.</summary>
    public IEnumerable<PipelineStep> Create(IServiceProvider services) => _steps.Select(step =>
        new PipelineStep(step.Name, $"A step of the application: {step.Name}.", context => step.Action(new PipelineStepContext(context, services)))
        {
            DependsOn = step.DependsOn,
            RequiredBy = step.RequiredBy,
        });

    private static IReadOnlyList<string> Names(object? names, string parameter) => names switch
    {
        null => [],
        string name => [name],
        IEnumerable<string> several => [.. several],
        _ => throw new ArgumentException("The name of a step, or names of steps, are expected.", parameter),
    };
}

/// <summary>Where steps write to.</summary>
internal sealed class OutputFolder(PublishSettings settings) : IPipelineOutputService
{
    public string GetOutputDirectory() => settings.OutputFolder;
}
