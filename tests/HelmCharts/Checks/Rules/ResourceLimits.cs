using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>What a container asks for is not above its limit; of devices, as GPUs, both are the same whole number.</summary>
internal sealed class ResourceLimits : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) =>
        from workload in set.Workloads
        from container in workload.AllContainers
        from text in Check(container.Map("resources"))
        select new Problem(workload.Document, $"container {container.Text("name")}: {text}");

    private static IEnumerable<string> Check(ValueMap resources)
    {
        var (requests, limits) = (resources.Map("requests"), resources.Map("limits"));
        foreach (var name in requests.Keys.Union(limits.Keys))
        {
            var (request, limit) = (Quantity.Parse(requests[name]), Quantity.Parse(limits[name]));
            if (name.Contains('/', StringComparison.Ordinal))
            {
                if (limit is null || (request is not null && request != limit) || !decimal.IsInteger(limit.Value))
                {
                    yield return $"{name} needs a limit that is a whole number, and a request that is the same";
                }
            }
            else if (request > limit)
            {
                yield return $"{name}: the request {requests[name]} is above the limit {limits[name]}";
            }
        }
    }
}
