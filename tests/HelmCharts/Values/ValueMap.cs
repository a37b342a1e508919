using System.Collections;

namespace Sluice.HelmCharts.Values;

/// <summary>
/// A map as templates and documents have it, in the order of its keys, which is the order that templates range in. Its values are <c>null</c>, bool,
/// int (Go's int), long (int64), double (float64), string, <see cref="List{T}"/> of such, other maps, or an object of the engine.
/// A map of the chart's values tells which of its keys were read (<see cref="ReadLog"/>).
/// </summary>
public sealed class ValueMap : IEnumerable<KeyValuePair<string, object?>>
{
    private readonly SortedDictionary<string, object?> _entries = new(StringComparer.Ordinal);
    private ReadLog? _reads;
    private string _path = "";

    /// <summary>How many keys it has.</summary>
    public int Count => _entries.Count;

    /// <summary>Its keys, in order. To know them is not to read their values.</summary>
    public IReadOnlyCollection<string> Keys => _entries.Keys;

    /// <summary>The value of a key; null where it has none, as in Go.</summary>
    public object? this[string key]
    {
        get
        {
            _reads?.Note(_path, key);
            return _entries.GetValueOrDefault(key);
        }
        set => _entries[key] = value;
    }

    /// <summary>Whether the key is there, be its value null.</summary>
    public bool ContainsKey(string key)
    {
        _reads?.Note(_path, key);
        return _entries.ContainsKey(key);
    }

    /// <summary>Takes a key away.</summary>
    public void Remove(string key) => _entries.Remove(key);

    /// <summary>Every key with its value; each counts as read.</summary>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        foreach (var entry in _entries)
        {
            _reads?.Note(_path, entry.Key);
            yield return entry;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Required by collection initializers.</summary>
    public void Add(string key, object? value) => _entries.Add(key, value);

    /// <summary>A copy that shares nothing with this map and notes no reads.</summary>
    public ValueMap Copy()
    {
        var copy = new ValueMap();
        foreach (var (key, value) in this)
        {
            copy[key] = CopyOf(value);
        }

        return copy;
    }

    /// <summary>A copy of any value, all the way down.</summary>
    public static object? CopyOf(object? value) => value switch
    {
        ValueMap map => map.Copy(),
        List<object?> list => list.ConvertAll(CopyOf),
        _ => value,
    };

    /// <summary>From now on, reads of this map and of all maps below are noted.</summary>
    internal void Watch(ReadLog reads, string path)
    {
        foreach (var (key, value) in _entries)
        {
            (value as ValueMap)?.Watch(reads, ReadLog.PathOf(path, key));
        }

        (_reads, _path) = (reads, path);
    }
}
