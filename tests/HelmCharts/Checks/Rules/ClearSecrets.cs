using System.Text;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>No secret stands in clear, or in base64, anywhere but in a Secret.</summary>
internal sealed class ClearSecrets : IObjectRule
{
    public IEnumerable<Problem> Check(ObjectSet set) =>
        from document in set.Documents
        where document.Kind != "Secret"
        from text in TextsOf(document.Content, "")
        where set.Options.SecretValues.Any(secret => secret.Length > 0 && Tells(text.Text, secret))
        select new Problem(document, $"{text.Path} tells a secret");

    private static bool Tells(string text, string secret) =>
        text.Contains(secret, StringComparison.Ordinal) || text.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), StringComparison.Ordinal);

    private static IEnumerable<(string Path, string Text)> TextsOf(object? value, string path) => value switch
    {
        string text => [(path, text)],
        ValueMap map => map.SelectMany(entry => TextsOf(entry.Value, ReadLog.PathOf(path, entry.Key)).Append((path, entry.Key))),
        List<object?> list => list.SelectMany((item, i) => TextsOf(item, $"{path}[{i}]")),
        _ => [],
    };
}
