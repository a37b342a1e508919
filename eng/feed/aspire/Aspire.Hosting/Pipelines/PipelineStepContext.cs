using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>What a step works with.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineStepContext
{
    private readonly StepContext _step;

    internal PipelineStepContext(StepContext step, IServiceProvider services)
    {
        _step = step;
        Services = services;
        Logger = new StepLogger(step.Report, step.Step.Name);
    }

    /// <summary>The application.</summary>
    public DistributedApplicationModel Model => _step.Model;

    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext ExecutionContext => _step.ExecutionContext;

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Takes lines about the work of the step.</summary>
    public ILogger Logger { get; }

    /// <summary>Ends with the AppHost.</summary>
    public CancellationToken CancellationToken => _step.CancellationToken;
}
