namespace Sluice.HelmCharts.Functions;

/// <summary>Functions by name.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<string, TemplateFunction> _functions = new(StringComparer.Ordinal);

    public TemplateFunction? Find(string name) => _functions.GetValueOrDefault(name);

    public bool Contains(string name) => _functions.ContainsKey(name);

    /// <summary>A function of a fixed number of arguments.</summary>
    public void Add(string name, GoType[] parameters, Func<object?[], object?> call) =>
        _functions.Add(name, new TemplateFunction(name, parameters, null, call));

    /// <summary>A function that takes any number of arguments after the fixed ones.</summary>
    public void AddVariadic(string name, GoType[] parameters, GoType rest, Func<object?[], object?> call) =>
        _functions.Add(name, new TemplateFunction(name, parameters, rest, call));
}
