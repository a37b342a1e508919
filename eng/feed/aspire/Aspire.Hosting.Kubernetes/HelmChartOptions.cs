namespace Aspire.Hosting.Kubernetes;

/// <summary>What the chart says of itself. Namespace and release are for a deployment, which the stand-in does not make; a chart holds neither.</summary>
public sealed class HelmChartOptions
{
    internal string Name { get; private set; } = "aspire";

    internal string Version { get; private set; } = "0.1.0";

    internal string Description { get; private set; } = "Aspire Helm Chart";

    /// <summary>The namespace of a deployment.</summary>
    public HelmChartOptions WithNamespace(string @namespace)
    {
        ArgumentException.ThrowIfNullOrEmpty(@namespace);
        return this;
    }

    /// <summary>The name of a deployment.</summary>
    public HelmChartOptions WithReleaseName(string releaseName)
    {
        ArgumentException.ThrowIfNullOrEmpty(releaseName);
        return this;
    }

    /// <summary>The version of the chart and of the application in it.</summary>
    public HelmChartOptions WithChartVersion(string version)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        Version = version;
        return this;
    }

    /// <summary>The name of the chart; by default the AppHost's.</summary>
    public HelmChartOptions WithChartName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        return this;
    }

    /// <summary>What the chart is.</summary>
    public HelmChartOptions WithChartDescription(string description)
    {
        ArgumentException.ThrowIfNullOrEmpty(description);
        Description = description;
        return this;
    }
}
