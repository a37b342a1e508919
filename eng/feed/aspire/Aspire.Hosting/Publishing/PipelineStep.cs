using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>The names of the steps that every application has.</summary>
internal static class WellKnownSteps
{
    public const string BeforeStart = "before-start";
    public const string ProcessParameters = "process-parameters";
    public const string PublishPrerequisites = "publish-prereq";
    public const string Publish = "publish";
    public const string PublishManifest = "publish-manifest";
}

/// <summary>A part of the work of a publication.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="Description">What it does.</param>
/// <param name="RunAsync">Does it.</param>
internal sealed record PipelineStep(string Name, string Description, Func<StepContext, Task> RunAsync)
{
    /// <summary>The steps that come before it.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>The steps that it comes before.</summary>
    public IReadOnlyList<string> RequiredBy { get; init; } = [];

    /// <summary>The resource that it belongs to.</summary>
    public string? Resource { get; init; }
}

/// <summary>Steps that a resource adds to the pipeline.</summary>
internal sealed record PipelineStepAnnotation(Func<IEnumerable<PipelineStep>> CreateSteps) : IResourceAnnotation;

/// <summary>What a step works with.</summary>
/// <param name="Step">The step.</param>
/// <param name="Model">The application.</param>
/// <param name="ExecutionContext">Publish.</param>
/// <param name="Settings">What was asked for.</param>
/// <param name="Report">Where it says what it did.</param>
/// <param name="CancellationToken">Ends with the AppHost.</param>
internal sealed record StepContext(
    PipelineStep Step, DistributedApplicationModel Model, DistributedApplicationExecutionContext ExecutionContext, PublishSettings Settings,
    PipelineReport Report, CancellationToken CancellationToken);
