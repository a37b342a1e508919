namespace Sluice.HelmCharts.Checks;

/// <summary>What <see cref="ObjectCheck"/> cannot see in the objects.</summary>
public sealed record ObjectCheckOptions
{
    /// <summary>The namespace of objects that name none.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>What is in the cluster already, as <c>Secret/registry-tls</c>, <c>Gateway/public</c>. A reference to it is not followed further.</summary>
    public IReadOnlySet<string> External { get; init; } = new HashSet<string>();

    /// <summary>Services and budgets that select the pods of several workloads on purpose, as <c>Service/both-pools</c>.</summary>
    public IReadOnlySet<string> SharedSelectors { get; init; } = new HashSet<string>();

    /// <summary>Values that must stand nowhere but in Secrets, neither plain nor in base64.</summary>
    public IReadOnlyList<string> SecretValues { get; init; } = [];

    /// <summary>Whether pods must fit the Pod Security level <c>restricted</c>.</summary>
    public bool Restricted { get; init; } = true;
}
