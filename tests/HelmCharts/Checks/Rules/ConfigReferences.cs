using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>ConfigMaps, Secrets and claims that pods and triggers ask for are there, with the keys they ask for.</summary>
internal sealed class ConfigReferences : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) =>
        from owner in set.Workloads.Select(workload => (Document: workload.Document, References: OfPod(workload)))
            .Concat(set.OfKind("TriggerAuthentication").Select(document => (Document: document, References: OfTrigger(document))))
        from reference in owner.References
        from text in Find(set, reference, set.NamespaceOf(owner.Document))
        select new Problem(owner.Document, text);

    private static IEnumerable<string> Find(ObjectSet set, Reference reference, string @namespace)
    {
        if (reference.IsOptional || set.IsExternal(reference.Kind, reference.Name))
        {
            yield break;
        }

        if (set.Find(reference.Kind, reference.Name, @namespace) is not { } found)
        {
            yield return $"{reference.From}: there is no {reference.Kind} {reference.Name}";
            yield break;
        }

        foreach (var key in reference.Keys.Where(key => !new[] { "data", "stringData", "binaryData" }.Any(part => found.Content.Map(part).ContainsKey(key))))
        {
            yield return $"{reference.From}: {found} has no key {key}";
        }
    }

    private static IEnumerable<Reference> OfPod(Workload workload)
    {
        var claims = workload.Document.Content.Map("spec").Maps("volumeClaimTemplates").Select(claim => claim.Map("metadata").Text("name")).ToList();
        return workload.AllContainers.SelectMany(OfContainer)
            .Concat(workload.Pod.Maps("volumes").SelectMany(OfVolume))
            .Concat(workload.Pod.Maps("imagePullSecrets").Select(secret => new Reference("imagePullSecrets", "Secret", secret.Text("name"), [], false)))
            .Where(reference => reference.Kind != "PersistentVolumeClaim" || !claims.Contains(reference.Name));
    }

    private static IEnumerable<Reference> OfContainer(ValueMap container)
    {
        foreach (var variable in container.Maps("env"))
        {
            var (from, name) = (variable.Map("valueFrom"), $"env {variable.Text("name")}");
            yield return Of(name, "ConfigMap", from.Map("configMapKeyRef"), "name", [from.Map("configMapKeyRef").Text("key")]);
            yield return Of(name, "Secret", from.Map("secretKeyRef"), "name", [from.Map("secretKeyRef").Text("key")]);
        }

        foreach (var source in container.Maps("envFrom"))
        {
            yield return Of("envFrom", "ConfigMap", source.Map("configMapRef"), "name", []);
            yield return Of("envFrom", "Secret", source.Map("secretRef"), "name", []);
        }
    }

    private static IEnumerable<Reference> OfVolume(ValueMap volume)
    {
        var name = $"volume {volume.Text("name")}";
        yield return Of(name, "ConfigMap", volume.Map("configMap"), "name", KeysOf(volume.Map("configMap")));
        yield return Of(name, "Secret", volume.Map("secret"), "secretName", KeysOf(volume.Map("secret")));
        yield return Of(name, "PersistentVolumeClaim", volume.Map("persistentVolumeClaim"), "claimName", []);
        foreach (var source in volume.Map("projected").Maps("sources"))
        {
            yield return Of(name, "ConfigMap", source.Map("configMap"), "name", KeysOf(source.Map("configMap")));
            yield return Of(name, "Secret", source.Map("secret"), "name", KeysOf(source.Map("secret")));
        }
    }

    private static IEnumerable<Reference> OfTrigger(RenderedDocument document) => document.Content.Map("spec").Maps("secretTargetRef")
        .Select(target => Of("secretTargetRef", "Secret", target, "name", [target.Text("key")]));

    /// <summary>A reference; of a map that is not there, one that asks for nothing.</summary>
    private static Reference Of(string from, string kind, ValueMap map, string nameKey, IEnumerable<string?> keys) =>
        new(from, kind, map.Text(nameKey), [.. keys.OfType<string>()], map.Count == 0 || map.Flag("optional") == true);

    private static IEnumerable<string?> KeysOf(ValueMap volume) => volume.Maps("items").Select(item => item.Text("key"));

    private sealed record Reference(string From, string Kind, string? Name, IReadOnlyList<string> Keys, bool IsOptional);
}
