using Sluice.HelmCharts.Values;
using Sluice.HelmCharts.Yaml;

namespace Sluice.HelmCharts;

/// <summary>What a chart is installed as, and into which cluster.</summary>
public sealed record HelmRelease
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary><c>.Release.Name</c>.</summary>
    public string Name { get; init; } = "release-name";

    /// <summary><c>.Release.Namespace</c>.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary><c>.Release.Revision</c>.</summary>
    public int Revision { get; init; } = 1;

    /// <summary><c>.Release.IsUpgrade</c>; <c>.Release.IsInstall</c> is the opposite.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary>The cluster's version, with its v.</summary>
    public string KubernetesVersion { get; init; } = "v1.33.0";

    /// <summary>
    /// What the cluster knows beyond Kubernetes' own (<see cref="KubernetesApiVersions"/>), for <c>.Capabilities.APIVersions.Has</c>: <c>group/version</c>
    /// and <c>group/version/Kind</c>, each by itself.
    /// </summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];

    /// <summary>The objects that <c>lookup</c> finds; none, as for <c>helm template</c>. See <see cref="ObjectOf"/>.</summary>
    public IReadOnlyList<ValueMap> ClusterObjects { get; init; } = [];

    /// <summary>What <c>randAlphaNum</c> gives for a length: by default the letters in their order, so that every rendering is the same.</summary>
    public Func<int, string> RandomText { get; init; } = length => string.Concat(Enumerable.Range(0, length).Select(i => Alphabet[i % Alphabet.Length]));

    /// <summary>What every cluster of today has.</summary>
    public static IReadOnlyList<string> KubernetesApiVersions { get; } =
    [
        "v1", "apps/v1", "autoscaling/v1", "autoscaling/v2", "batch/v1", "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1",
        "scheduling.k8s.io/v1", "storage.k8s.io/v1", "coordination.k8s.io/v1", "discovery.k8s.io/v1", "apiextensions.k8s.io/v1",
        "admissionregistration.k8s.io/v1", "authentication.k8s.io/v1", "authorization.k8s.io/v1", "certificates.k8s.io/v1", "events.k8s.io/v1", "node.k8s.io/v1",
    ];

    /// <summary>An object of YAML, for <see cref="ClusterObjects"/>.</summary>
    public static ValueMap ObjectOf(string yaml) => YamlReader.ReadOne(yaml, "object") as ValueMap ?? throw new ArgumentException("not a map", nameof(yaml));
}
