using Sluice.HelmCharts.Templates;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Functions;

/// <summary>Go's rules of what may be given for a parameter. They convert nothing: a number of values.yaml is no int, nil is no string.</summary>
internal static class ArgumentTypes
{
    /// <summary>The argument as the function gets it.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="type">The parameter's type.</param>
    /// <param name="function">Whose it is.</param>
    /// <param name="operand">Where the argument comes from; null for the result of the stage before.</param>
    /// <exception cref="FunctionException">It has another type.</exception>
    public static object? Check(object? value, GoType type, string function, Operand? operand)
    {
        var isLiteral = operand is LiteralOperand;
        // A missing field is an interface that holds nothing, which is no map; nil itself, or nil of parentheses, is one, without keys.
        var nilFits = operand is not (FieldOperand or ChainOperand or VariableOperand { Fields.Count: > 0 });
        var fits = type switch
        {
            GoType.String => value is string,
            GoType.Int => value is int || (isLiteral && value is double number && double.IsInteger(number)),
            GoType.Float => value is double || (isLiteral && value is int),
            GoType.Bool => value is bool,
            GoType.Map => value is ValueMap || (value is null && nilFits),
            GoType.List => value is List<object?> || (value is null && nilFits),
            _ => true,
        };
        if (!fits)
        {
            throw new FunctionException($"wrong type for an argument of {function}: expected {Name(type)}; got {GoTypes.Name(value)}");
        }

        return type switch
        {
            GoType.Int when value is double number => (int)number,
            GoType.Float when value is int number => (double)number,
            _ => value,
        };
    }

    private static string Name(GoType type) => type switch
    {
        GoType.Map => "map[string]interface {}",
        GoType.List => "[]interface {}",
        GoType.Float => "float64",
        GoType.Any => "interface {}",
        _ => type.ToString().ToLowerInvariant(),
    };
}
