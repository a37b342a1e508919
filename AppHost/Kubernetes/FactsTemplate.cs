using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.AppHost.Kubernetes;

/// <summary>
/// Writes what the AppHost says of the services as definitions that the templates include and read with <c>fromYaml</c>, each a map:
/// <c>apphost.NAME.settings</c> (environment variables and values), <c>apphost.NAME.secrets</c> (environment variables and keys of the secret),
/// <c>apphost.NAME.ports</c> (endpoints and ports), and <c>apphost.secretKeys</c> (the keys of the secret and who reads them).
/// </summary>
internal static partial class FactsTemplate
{
    /// <summary>The file. It begins with an underscore: it is no object itself.</summary>
    public const string FileName = "_apphost.tpl";

    /// <summary>Writes the file.</summary>
    public static string Write(IReadOnlyList<ServiceFacts> services)
    {
        var text = new StringBuilder("{{- /* Written by aspire publish: what the AppHost says of its services. Change it there. */}}\n");
        foreach (var service in services.OrderBy(service => service.Name, StringComparer.Ordinal))
        {
            Define(text, $"{service.Name}.settings", service.Settings.Select(setting => $"{setting.Name}: {Expression(setting.Value)}"));
            Define(text, $"{service.Name}.secrets", service.Secrets.Select(secret => $"{secret.Name}: {secret.Key}"));
            Define(text, $"{service.Name}.ports", service.Ports.Select(port => string.Create(CultureInfo.InvariantCulture, $"{port.Name}: {port.Port}")));
        }

        Define(text, "secretKeys", services
            .SelectMany(service => service.Secrets, (service, secret) => (secret.Key, service.Name))
            .GroupBy(secret => secret.Key, secret => secret.Name)
            .OrderBy(key => key.Key, StringComparer.Ordinal)
            .Select(key => $"{key.Key}: {string.Join(' ', key.Distinct().Order(StringComparer.Ordinal))}"));
        return text.ToString();
    }

    private static void Define(StringBuilder text, string name, IEnumerable<string> lines) =>
        text.Append(CultureInfo.InvariantCulture, $$$"""
            {{- define "apphost.{{{name}}}" -}}
            {{{string.Join('\n', lines)}}}
            {{- end }}

            """);

    // As a pipeline that quotes it: no text can break out of its line. Go quotes like JSON.
    private static string Expression(string value)
    {
        var places = Place().Matches(value).Select(place => $"(include \"sluice.componentName\" (list . \"{place.Groups["service"].Value}\"))").ToList();
        var format = Quoted(Place().Replace(places.Count > 0 ? value.Replace("%", "%%", StringComparison.Ordinal) : value, "%s"));
        return places.Count > 0 ? $"{{{{ printf {format} {string.Join(' ', places)} | quote }}}}" : $"{{{{ {format} | quote }}}}";
    }

    private static string Quoted(string value) => System.Text.Json.JsonSerializer.Serialize(value, TextJson.Default.String);

    [GeneratedRegex("«(?<service>[a-z0-9-]+)»")]
    private static partial Regex Place();
}

/// <summary>Generated JSON of texts.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class TextJson : System.Text.Json.Serialization.JsonSerializerContext;
