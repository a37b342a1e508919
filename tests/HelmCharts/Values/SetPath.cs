using System.Globalization;
using System.Text;

namespace Sluice.HelmCharts.Values;

/// <summary>The path of a <c>--set</c>: keys, and places in lists.</summary>
internal sealed class SetPath
{
    private readonly List<object> _steps; // string or int

    private SetPath(List<object> steps) => _steps = steps;

    public static SetPath Parse(string path)
    {
        var steps = new List<object>();
        var key = new StringBuilder();
        for (var i = 0; i < path.Length; i++)
        {
            switch (path[i])
            {
                case '\\' when i + 1 < path.Length:
                    key.Append(path[++i]);
                    break;
                case '.':
                    Flush();
                    break;
                case '[':
                    Flush();
                    var end = path.IndexOf(']', i);
                    steps.Add(int.Parse(path.AsSpan(i + 1, end - i - 1), CultureInfo.InvariantCulture));
                    i = end;
                    break;
                default:
                    key.Append(path[i]);
                    break;
            }
        }

        Flush();
        return new SetPath(steps);

        void Flush()
        {
            if (key.Length > 0)
            {
                steps.Add(key.ToString());
                key.Clear();
            }
        }
    }

    /// <summary>The value of a <c>--set</c>; whole numbers are int64 here, other than in files.</summary>
    public static object? Typed(string text) => text switch
    {
        "true" => true,
        "false" => false,
        "null" => null,
        "0" => 0L,
        _ when text.Length > 0 && text[0] != '0' && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => text,
    };

    public void Assign(ValueMap values, object? value)
    {
        object container = values;
        for (var i = 0; i < _steps.Count - 1; i++)
        {
            container = Child(container, _steps[i], _steps[i + 1] is int);
        }

        Put(container, _steps[^1], value);
    }

    private static object Child(object container, object step, bool wantsList)
    {
        var child = container switch
        {
            ValueMap map => map[(string)step],
            List<object?> list when (int)step < list.Count => list[(int)step],
            _ => null,
        };
        if (wantsList ? child is not List<object?> : child is not ValueMap)
        {
            child = wantsList ? new List<object?>() : new ValueMap();
            Put(container, step, child);
        }

        return child!;
    }

    private static void Put(object container, object step, object? value)
    {
        if (container is ValueMap map)
        {
            map[(string)step] = value;
            return;
        }

        var list = (List<object?>)container;
        while (list.Count <= (int)step)
        {
            list.Add(null);
        }

        list[(int)step] = value;
    }
}
