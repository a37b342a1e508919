using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>Mounts name volumes, volumes are mounted, have one source, and no name, path or variable is there twice in a container.</summary>
internal sealed class Volumes : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) => set.Workloads.SelectMany(workload => Check(workload).Select(text => new Problem(workload.Document, text)));

    private static IEnumerable<string> Check(Workload workload)
    {
        var claims = workload.Document.Content.Map("spec").Maps("volumeClaimTemplates").Select(claim => claim.Map("metadata").Text("name")!);
        var volumes = workload.Pod.Maps("volumes").Select(volume => volume.Text("name")!).Concat(claims).ToList();
        var mounted = workload.AllContainers.SelectMany(container => container.Maps("volumeMounts")).Select(mount => mount.Text("name")!).ToHashSet();
        return Twice(volumes).Select(name => $"two volumes are named {name}")
            .Concat(mounted.Except(volumes).Select(name => $"a volumeMount names {name}, which is no volume"))
            .Concat(volumes.Except(mounted).Select(name => $"volume {name} is not mounted"))
            .Concat(workload.Pod.Maps("volumes").Where(volume => volume.Count != 2).Select(volume => $"volume {volume.Text("name")} has not one source"))
            .Concat(Twice(workload.AllContainers.Select(container => container.Text("name")!)).Select(name => $"two containers are named {name}"))
            .Concat(workload.AllContainers.SelectMany(CheckContainer));
    }

    private static IEnumerable<string> CheckContainer(ValueMap container) =>
        Twice(container.Maps("volumeMounts").Select(mount => mount.Text("mountPath")!)).Select(path => $"two volumes are mounted at {path} of container {container.Text("name")}")
            .Concat(Twice(container.Maps("env").Select(variable => variable.Text("name")!)).Select(name => $"env {name} is there twice in container {container.Text("name")}"))
            .Concat(container.Maps("env").Where(variable => variable.ContainsKey("value") && variable.ContainsKey("valueFrom"))
                .Select(variable => $"env {variable.Text("name")} has a value and a valueFrom"));

    private static IEnumerable<string> Twice(IEnumerable<string> names) => names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key);
}
