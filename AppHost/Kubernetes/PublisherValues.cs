using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Sluice.AppHost.Kubernetes;

/// <summary>The values.yaml that Aspire's publisher wrote: three levels of names and a scalar each. The publisher's texts name them as Helm does.</summary>
internal sealed partial class PublisherValues
{
    private readonly YamlMappingNode _root;

    private PublisherValues(YamlMappingNode root) => _root = root;

    /// <summary>Reads the file.</summary>
    public static PublisherValues Read(string path)
    {
        using var reader = new StreamReader(path);
        var yaml = new YamlStream();
        yaml.Load(reader);
        return new((YamlMappingNode)yaml.Documents[0].RootNode);
    }

    /// <summary>Puts the values in the place of their names.</summary>
    /// <param name="text">What the publisher wrote, e.g. <c>http://registry-service:{{ .Values.parameters.registry.port_http }}</c>.</param>
    /// <returns>The text; null when a value in it is empty, which means that nobody gave it at publication.</returns>
    public string? Resolve(string text)
    {
        var isGiven = true;
        var resolved = Reference().Replace(text, reference =>
        {
            var value = Find(reference.Groups["path"].Value.Split('.'));
            isGiven &= value.Length > 0;
            return value;
        });
        return isGiven && resolved.Length > 0 ? resolved : null;
    }

    private string Find(string[] path)
    {
        YamlNode node = _root;
        foreach (var name in path)
        {
            node = node is YamlMappingNode mapping && mapping.Children.TryGetValue(name, out var child)
                ? child
                : throw new DistributedApplicationException($"The publisher's values.yaml lacks {string.Join('.', path)}, which a template of its own names.");
        }

        return ((YamlScalarNode)node).Value ?? "";
    }

    /// <summary>A value's name in a template, with or without functions that make it a number or a text.</summary>
    [GeneratedRegex(@"\{\{ ?\.Values\.(?<path>[\w.]+)(?: \| (?:int|toString))* ?\}\}")]
    private static partial Regex Reference();
}
