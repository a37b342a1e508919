using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks;

/// <summary>Ways through an object whose shape is known: what is not there is empty.</summary>
internal static class Nodes
{
    public static ValueMap Map(this ValueMap map, string key) => map[key] as ValueMap ?? [];

    public static string? Text(this ValueMap map, string key) => map[key] as string;

    public static long? Number(this ValueMap map, string key) => map[key] as long?;

    public static bool? Flag(this ValueMap map, string key) => map[key] as bool?;

    public static IEnumerable<ValueMap> Maps(this ValueMap map, string key) => (map[key] as List<object?> ?? []).OfType<ValueMap>();

    public static IEnumerable<string> Texts(this ValueMap map, string key) => (map[key] as List<object?> ?? []).OfType<string>();
}
