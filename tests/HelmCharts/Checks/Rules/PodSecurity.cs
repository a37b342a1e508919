using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>The Pod Security level <c>restricted</c>.</summary>
internal sealed class PodSecurity : IObjectRule
{
    private static readonly HashSet<string> AllowedVolumes =
        ["name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret", "image"];

    public IEnumerable<Problem> Check(ObjectSet set) => set.Options.Restricted
        ? set.Workloads.SelectMany(workload => Check(workload).Select(text => new Problem(workload.Document, $"not restricted: {text}")))
        : [];

    private static IEnumerable<string> Check(Workload workload)
    {
        var pod = workload.Pod;
        var common = pod.Map("securityContext");
        return new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(name => pod.Flag(name) == true).Select(name => $"{name} is set")
            .Concat(pod.Maps("volumes").SelectMany(volume => volume.Keys.Where(key => !AllowedVolumes.Contains(key)).Select(key => $"volume {volume.Text("name")} is a {key}")))
            .Concat(common.Number("runAsUser") == 0 ? ["runAsUser is 0"] : [])
            .Concat(workload.AllContainers.SelectMany(container => CheckContainer(container, common).Select(text => $"container {container.Text("name")}: {text}")));
    }

    private static IEnumerable<string> CheckContainer(ValueMap container, ValueMap common)
    {
        var own = container.Map("securityContext");
        if ((own.Flag("runAsNonRoot") ?? common.Flag("runAsNonRoot")) != true)
        {
            yield return "runAsNonRoot is not true";
        }

        if (own.Number("runAsUser") == 0)
        {
            yield return "runAsUser is 0";
        }

        if (own.Flag("allowPrivilegeEscalation") != false)
        {
            yield return "allowPrivilegeEscalation is not false";
        }

        if (own.Flag("privileged") == true)
        {
            yield return "it is privileged";
        }

        if (!own.Map("capabilities").Texts("drop").Contains("ALL") || own.Map("capabilities").Texts("add").Any(name => name != "NET_BIND_SERVICE"))
        {
            yield return "capabilities must drop ALL, and may add NET_BIND_SERVICE only";
        }

        if ((own.Map("seccompProfile").Text("type") ?? common.Map("seccompProfile").Text("type")) is not ("RuntimeDefault" or "Localhost"))
        {
            yield return "seccompProfile is not RuntimeDefault";
        }

        if (container.Maps("ports").Any(port => port.ContainsKey("hostPort")))
        {
            yield return "a port is a hostPort";
        }
    }
}
