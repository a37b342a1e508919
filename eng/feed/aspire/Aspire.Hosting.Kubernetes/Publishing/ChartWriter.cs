using Aspire.Hosting.Kubernetes.Resources;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Writes the chart: its templates, its values and what it says of itself.</summary>
/// <param name="folder">The folder of the chart.</param>
internal sealed class ChartWriter(string folder)
{
    private static readonly string[] Keywords = ["aspire", "kubernetes"];

    private readonly Dictionary<string, Dictionary<string, object>> _values = new()
    {
        [HelmText.Parameters] = [],
        [HelmText.Secrets] = [],
        [HelmText.Config] = [],
    };

    /// <summary>The objects of one resource, each in a file of its own that is named after it.</summary>
    public async Task WriteTemplatesAsync(string resource, IEnumerable<BaseKubernetesResource> objects, CancellationToken cancellationToken)
    {
        foreach (var written in objects)
        {
            await WriteAsync(Path.Combine("templates", resource, FileName(resource, written)), "---\n" + ChartYaml.Write(written), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Remembers the values of one resource.</summary>
    public async Task AddValuesAsync(KubernetesResource resource, CancellationToken cancellationToken)
    {
        foreach (var (section, values) in new[]
        {
            (HelmText.Parameters, resource.Parameters), (HelmText.Config, resource.Config), (HelmText.Secrets, resource.Secrets),
        })
        {
            var written = new Dictionary<string, object>();
            foreach (var (key, value) in values)
            {
                written[value.Key ?? HelmText.Key(key)] = await ContentAsync(value, cancellationToken).ConfigureAwait(false);
            }

            if (written.Count > 0)
            {
                _values[section][HelmText.Key(resource.Name)] = written;
            }
        }
    }

    public Task WriteValuesAsync(CancellationToken cancellationToken) => WriteAsync("values.yaml", ChartYaml.Write(_values), cancellationToken);

    public Task WriteChartAsync(HelmChartOptions chart, CancellationToken cancellationToken) => WriteAsync(
        "Chart.yaml",
        ChartYaml.Write(new
        {
            ApiVersion = "v2",
            chart.Name,
            chart.Version,
            KubeVersion = ">= 1.18.0-0",
            chart.Description,
            Type = "application",
            Keywords,
            AppVersion = chart.Version,
            Deprecated = false,
        }),
        cancellationToken);

    private static string FileName(string resource, BaseKubernetesResource written)
    {
        var name = written.Metadata.Name;
        var prefix = resource.ToLowerInvariant() + "-";
        return string.IsNullOrWhiteSpace(name) ? $"{written.GetType().Name.ToLowerInvariant()}.yaml"
            : name.StartsWith(prefix, StringComparison.Ordinal) ? $"{name[prefix.Length..]}.yaml"
            : $"{name}.yaml";
    }

    /// <summary>
    /// What values.yaml holds: nothing for what the templates make of other values, for secrets, and for what has to be given at a deployment.
    /// </summary>
    private static async Task<object> ContentAsync(HelmValue value, CancellationToken cancellationToken) => value switch
    {
        { IsComposed: true } => "",
        { Parameter: { Secret: true } or { Default: null } } => "",
        { Parameter: { } parameter } => await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "",
        _ => value.Content ?? "",
    };

    private async Task WriteAsync(string name, string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content, cancellationToken).ConfigureAwait(false);
    }
}
