using System.Text;
using System.Text.RegularExpressions;
using Sluice.HelmCharts.Functions;
using Sluice.HelmCharts.Templates;
using Sluice.HelmCharts.Values;
using Sluice.HelmCharts.Yaml;

namespace Sluice.HelmCharts;

/// <summary>The files of a chart that are no templates: <c>.Files</c>.</summary>
internal static class ChartFiles
{
    /// <summary>The object that templates call. Ranging over a <c>Glob</c> gives paths and bytes.</summary>
    public static TemplateObject Of(IReadOnlyDictionary<string, byte[]> files)
    {
        object? Get(string name) => files.TryGetValue(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : "";
        var items = files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => ((object?)file.Key, (object?)file.Value)).ToList();
        return new TemplateObject("engine.files", items: items, members: new Dictionary<string, object?>
        {
            ["Get"] = Method("Get", a => Get((string)a[0]!)),
            ["GetBytes"] = Method("GetBytes", a => files.GetValueOrDefault((string)a[0]!) ?? []),
            ["Lines"] = Method("Lines", a => Lines((string)Get((string)a[0]!)!)),
            ["Glob"] = Method("Glob", a => Selection(files, Glob((string)a[0]!))),
            ["AsConfig"] = new TemplateFunction("AsConfig", [], null, _ => AsConfig(files)),
            ["AsSecrets"] = new TemplateFunction("AsSecrets", [], null, _ => AsSecrets(files)),
        });
    }

    /// <summary>A pattern of paths: <c>*</c> within a folder, <c>**</c> across folders, <c>?</c>, <c>{a,b}</c>, <c>[ab]</c>.</summary>
    internal static Regex Glob(string pattern)
    {
        var regex = new StringBuilder("^");
        var alternatives = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    regex.Append(".*");
                    i++;
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '{':
                    regex.Append("(?:");
                    alternatives++;
                    break;
                case '}' when alternatives > 0:
                    regex.Append(')');
                    alternatives--;
                    break;
                case ',' when alternatives > 0:
                    regex.Append('|');
                    break;
                case '[' or ']':
                    regex.Append(pattern[i]);
                    break;
                default:
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return new Regex(regex.Append('$').ToString(), RegexOptions.CultureInvariant);
    }

    private static TemplateFunction Method(string name, Func<object?[], object?> call) => new(name, [GoType.String], null, call);

    private static TemplateObject Selection(IReadOnlyDictionary<string, byte[]> files, Regex pattern) =>
        Of(files.Where(file => pattern.IsMatch(file.Key)).ToDictionary(StringComparer.Ordinal));

    private static List<object?> Lines(string text) =>
        text.Length == 0 ? [] : [.. (text.EndsWith('\n') ? text[..^1] : text).Split('\n')];

    internal static string AsConfig(IReadOnlyDictionary<string, byte[]> files) => ByName(files, Encoding.UTF8.GetString);

    internal static string AsSecrets(IReadOnlyDictionary<string, byte[]> files) => ByName(files, Convert.ToBase64String);

    private static string ByName(IReadOnlyDictionary<string, byte[]> files, Func<byte[], string> write)
    {
        var map = new ValueMap();
        foreach (var (path, bytes) in files)
        {
            map[path[(path.LastIndexOf('/') + 1)..]] = write(bytes);
        }

        return map.Count == 0 ? "" : GoYamlWriter.Write(map);
    }
}
