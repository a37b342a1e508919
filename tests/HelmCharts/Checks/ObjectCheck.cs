using Sluice.HelmCharts.Checks.Rules;
using Sluice.HelmCharts.Checks.Shapes;

namespace Sluice.HelmCharts.Checks;

/// <summary>Looks for what an API server, or the first minutes in a cluster, would find wrong with a set of objects.</summary>
public static class ObjectCheck
{
    private static readonly IObjectRule[] Rules =
    [
        new UniqueNames(), new Selectors(), new Ports(), new RouteTargets(), new ScalingTargets(), new Choices(), new ConfigReferences(), new Accounts(), new Volumes(),
        new ResourceLimits(), new PodSecurity(), new Termination(), new ClearSecrets(),
    ];

    /// <summary>What is wrong, each with the object and the path. Where an object has not the shape of its kind, relations are not looked at.</summary>
    /// <param name="documents">All objects that are installed together.</param>
    /// <param name="options">What the objects do not tell.</param>
    public static IReadOnlyList<string> FindProblems(IReadOnlyList<RenderedDocument> documents, ObjectCheckOptions? options = null)
    {
        var problems = documents.SelectMany(document => ShapeCheck.FindProblems(document).Select(problem => $"{document}: {problem}")).ToList();
        if (problems.Count > 0)
        {
            return problems;
        }

        var set = new ObjectSet(documents, options ?? new ObjectCheckOptions());
        return [.. Rules.SelectMany(rule => rule.Check(set)).Select(problem => $"{problem.Document}: {problem.Text}")];
    }
}
