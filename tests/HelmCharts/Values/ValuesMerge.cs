namespace Sluice.HelmCharts.Values;

/// <summary>How Helm lays values over values: maps deep, everything else as a whole.</summary>
internal static class ValuesMerge
{
    /// <summary>Lays one given layer over those before. Null stays, since it has to take something of the chart away later.</summary>
    public static void Overlay(ValueMap target, ValueMap layer)
    {
        foreach (var (key, value) in layer)
        {
            if (value is ValueMap inner && target[key] is ValueMap existing)
            {
                Overlay(existing, inner);
            }
            else
            {
                target[key] = value;
            }
        }
    }

    /// <summary>Fills what was given with the chart's own values. A null that was given for a key of the chart takes it away.</summary>
    public static void FillWithDefaults(ValueMap given, ValueMap defaults)
    {
        foreach (var (key, value) in defaults)
        {
            if (!given.ContainsKey(key))
            {
                given[key] = ValueMap.CopyOf(value);
            }
            else if (given[key] is null)
            {
                given.Remove(key);
            }
            else if (given[key] is ValueMap inner && value is ValueMap innerDefaults)
            {
                FillWithDefaults(inner, innerDefaults);
            }
        }
    }
}
