namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>No two objects have the same kind, namespace and name.</summary>
internal sealed class UniqueNames : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) => set.Documents
        .GroupBy(document => (document.Kind, set.NamespaceOf(document), document.Name))
        .Where(group => group.Count() > 1)
        .Select(group => new Problem(group.Last(), $"the name is there twice, before in {group.First()}"));
}
