using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>The work of a publication, in steps.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IDistributedApplicationPipeline
{
    /// <summary>Adds a step.</summary>
    /// <param name="name">What it is asked for by.</param>
    /// <param name="action">Does it; an exception ends the publication with its message.</param>
    /// <param name="dependsOn">The name of the step before it, or several names.</param>
    /// <param name="requiredBy">The name of the step after it, or several names.</param>
    void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null);
}
