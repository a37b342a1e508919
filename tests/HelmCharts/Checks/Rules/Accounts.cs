namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>ServiceAccounts that pods run as, and Roles and accounts that bindings bind, are there.</summary>
internal sealed class Accounts : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) => OfPods(set).Concat(OfBindings(set));

    private static IEnumerable<Problem> OfPods(ObjectSet set) =>
        from workload in set.Workloads
        let name = workload.Pod.Text("serviceAccountName")
        where name is not (null or "default") && !set.Exists("ServiceAccount", name, workload.Namespace)
        select new Problem(workload.Document, $"there is no ServiceAccount {name}");

    private static IEnumerable<Problem> OfBindings(ObjectSet set)
    {
        foreach (var binding in set.OfKind("RoleBinding"))
        {
            var role = binding.Content.Map("roleRef");
            var @namespace = set.NamespaceOf(binding);
            if (role.Text("kind") == "Role" && !set.Exists("Role", role.Text("name"), @namespace))
            {
                yield return new Problem(binding, $"there is no Role {role.Text("name")}");
            }

            foreach (var subject in binding.Content.Maps("subjects").Where(subject => subject.Text("kind") == "ServiceAccount"))
            {
                if (!set.Exists("ServiceAccount", subject.Text("name"), subject.Text("namespace") ?? @namespace))
                {
                    yield return new Problem(binding, $"there is no ServiceAccount {subject.Text("name")}");
                }
            }
        }
    }
}
