using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>The steps of an application and the order in which they run.</summary>
internal sealed class Pipeline
{
    private readonly List<PipelineStep> _steps;
    private readonly ILookup<string, string> _before;

    public Pipeline(DistributedApplicationModel model, IEnumerable<PipelineStep> wellKnown)
    {
        _steps = [.. wellKnown, .. model.Resources.SelectMany(r => r.Annotations.OfType<PipelineStepAnnotation>()).SelectMany(a => a.CreateSteps())];
        _before = _steps.SelectMany(step => step.RequiredBy.Select(later => (Later: later, Earlier: step.Name))
            .Concat(step.DependsOn.Select(earlier => (Later: step.Name, Earlier: earlier)))).ToLookup(pair => pair.Later, pair => pair.Earlier);
    }

    /// <summary>Every step, in the order in which it was added.</summary>
    public IReadOnlyList<PipelineStep> Steps => _steps;

    /// <summary>The names of the steps before one.</summary>
    public IReadOnlyList<string> Before(PipelineStep step) => [.. _before[step.Name].Distinct()];

    /// <summary>A step and everything before it; the same order each time.</summary>
    /// <exception cref="DistributedApplicationException">There is no such step, or steps wait for one another.</exception>
    public IReadOnlyList<PipelineStep> UpTo(string name)
    {
        var order = new List<PipelineStep>();
        Visit(name, order, []);
        return order;
    }

    private void Visit(string name, List<PipelineStep> order, List<string> above)
    {
        if (above.Contains(name))
        {
            throw new DistributedApplicationException($"Steps wait for one another: {string.Join(" → ", above.SkipWhile(n => n != name))} → {name}.");
        }

        var step = _steps.FirstOrDefault(step => step.Name == name) ?? throw new DistributedApplicationException(
            $"There is no step '{name}'. There are: {string.Join(", ", _steps.Select(step => step.Name))}.");
        if (order.Contains(step))
        {
            return;
        }

        above.Add(name);
        foreach (var earlier in Before(step))
        {
            Visit(earlier, order, above);
        }

        above.Remove(name);
        order.Add(step);
    }
}
