using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks;

/// <summary>Selectors against labels.</summary>
internal static class Labels
{
    /// <summary>Whether a label selector (<c>matchLabels</c>, <c>matchExpressions</c>) takes labels. An empty one takes all.</summary>
    public static bool IsSelected(ValueMap selector, ValueMap labels) =>
        Contains(labels, selector.Map("matchLabels")) && selector.Maps("matchExpressions").All(expression => Holds(expression, labels));

    /// <summary>Whether labels have all of some others, as a Service's selector asks it.</summary>
    public static bool Contains(ValueMap labels, ValueMap some) => some.All(label => labels[label.Key] is string value && value == label.Value as string);

    private static bool Holds(ValueMap expression, ValueMap labels)
    {
        var value = labels.Text(expression.Text("key")!);
        var isOneOf = value is not null && expression.Texts("values").Contains(value);
        return expression.Text("operator") switch
        {
            "In" => isOneOf,
            "NotIn" => !isOneOf,
            "Exists" => value is not null,
            _ => value is null,
        };
    }
}
