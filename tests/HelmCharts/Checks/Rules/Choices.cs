using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>Where exactly one of several fields is set, or not both: probes, sources of variables, budgets, rolling updates.</summary>
internal sealed class Choices : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) => OfPods(set).Concat(OfBudgets(set)).Concat(OfUpdates(set));

    private static IEnumerable<Problem> OfPods(ObjectSet set) =>
        from workload in set.Workloads
        from container in workload.AllContainers
        from text in OfContainer(container)
        select new Problem(workload.Document, $"container {container.Text("name")}: {text}");

    private static IEnumerable<string> OfContainer(ValueMap container)
    {
        foreach (var name in new[] { "startupProbe", "livenessProbe", "readinessProbe" }.Where(container.ContainsKey))
        {
            if (Count(container.Map(name), "httpGet", "tcpSocket", "grpc", "exec") != 1)
            {
                yield return $"{name} needs one of httpGet, tcpSocket, grpc, exec";
            }
        }

        foreach (var variable in container.Maps("env").Where(variable => variable.ContainsKey("valueFrom") && variable.Map("valueFrom").Count != 1))
        {
            yield return $"valueFrom of env {variable.Text("name")} needs one source";
        }
    }

    private static IEnumerable<Problem> OfBudgets(ObjectSet set) =>
        from budget in set.OfKind("PodDisruptionBudget")
        where Count(budget.Content.Map("spec"), "minAvailable", "maxUnavailable") != 1
        select new Problem(budget, "it needs one of minAvailable and maxUnavailable");

    private static IEnumerable<Problem> OfUpdates(ObjectSet set) =>
        from deployment in set.OfKind("Deployment")
        let strategy = deployment.Content.Map("spec").Map("strategy")
        let update = strategy.Map("rollingUpdate")
        let problem = strategy.Text("type") == "Recreate" && update.Count > 0 ? "a strategy of Recreate has no rollingUpdate"
            : IsNone(update["maxSurge"]) && IsNone(update["maxUnavailable"]) ? "maxSurge and maxUnavailable are both 0: no pod could be replaced"
            : null
        where problem is not null
        select new Problem(deployment, problem);

    private static bool IsNone(object? value) => value is 0L or "0%";

    private static int Count(ValueMap map, params string[] keys) => keys.Count(map.ContainsKey);
}
