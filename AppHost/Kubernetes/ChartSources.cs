using System.Text.RegularExpressions;

namespace Sluice.AppHost.Kubernetes;

/// <summary>The files of the chart that stand in the repository: templates, documented values, their schema, and the rules for Prometheus.</summary>
/// <param name="chartFolder">The folder of the chart, without what is published.</param>
/// <param name="rulesFolder">Recording and alerting rules; those of the folder <c>kubernetes</c> in it too.</param>
/// <param name="testModel">The model that <c>helm test</c> registers.</param>
internal sealed partial class ChartSources(string chartFolder, string rulesFolder, string testModel)
{
    /// <summary>The chart's values.</summary>
    public const string ValuesFile = "values.yaml";

    /// <summary>The folder of its templates.</summary>
    public const string TemplatesFolder = "templates";

    /// <summary>The oldest Kubernetes whose API has all that the templates use: <c>lifecycle.preStop.sleep</c>.</summary>
    private const string KubeVersion = ">= 1.30.0-0";

    /// <summary>Makes sure that the chart has a place for each service.</summary>
    /// <exception cref="DistributedApplicationException">It has not.</exception>
    public void Check(IEnumerable<ServiceFacts> services)
    {
        foreach (var service in services.Where(service => !Directory.Exists(Path.Combine(chartFolder, TemplatesFolder, service.Name))))
        {
            throw new DistributedApplicationException(
                $"The AppHost publishes a service {service.Name}, and the chart has no templates for it: add AppHost/Kubernetes/chart/templates/{service.Name}.");
        }
    }

    /// <summary>Copies them into the chart.</summary>
    public async Task CopyAsync(string folder, CancellationToken cancellationToken)
    {
        await CopyFolderAsync(chartFolder, folder, cancellationToken);
        await CopyFolderAsync(rulesFolder, Path.Combine(folder, "rules"), cancellationToken);

        // As text: a template reads files as such.
        var model = Convert.ToBase64String(await File.ReadAllBytesAsync(testModel, cancellationToken));
        await File.WriteAllTextAsync(Path.Combine(folder, "files", "test-model.base64"), model + "\n", cancellationToken);
    }

    /// <summary>Puts into Chart.yaml what the publisher cannot be told.</summary>
    public static async Task FinishDescriptionAsync(string path, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(path, cancellationToken);
        var finished = KubeVersionLine().Replace(text, $"kubeVersion: \"{KubeVersion}\"");
        if (finished == text)
        {
            throw new DistributedApplicationException($"The publisher's {path} has no line kubeVersion.");
        }

        await File.WriteAllTextAsync(path, finished, cancellationToken);
    }

    private static async Task CopyFolderAsync(string source, string target, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, await File.ReadAllBytesAsync(file, cancellationToken), cancellationToken);
        }
    }

    [GeneratedRegex("^kubeVersion:.*$", RegexOptions.Multiline)]
    private static partial Regex KubeVersionLine();
}
