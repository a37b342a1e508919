namespace Sluice.HelmCharts.Functions;

/// <summary>The Go type of a parameter.</summary>
internal enum GoType
{
    Any,
    String,
    Int,
    Float,
    Bool,
    Map,
    List,
}

/// <summary>A function that templates can call, with the types that Go holds its arguments to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">The fixed parameters.</param>
/// <param name="Rest">The type of any number of further ones; null where there are none.</param>
/// <param name="Call">What it does.</param>
internal sealed record TemplateFunction(string Name, IReadOnlyList<GoType> Parameters, GoType? Rest, Func<object?[], object?> Call)
{
    /// <summary>The type of the parameter at a place.</summary>
    public GoType TypeAt(int index) => index < Parameters.Count ? Parameters[index] : Rest!.Value;

    /// <summary>Throws where a number of arguments is not what it takes.</summary>
    public void CheckCount(int count)
    {
        if (Rest is null ? count != Parameters.Count : count < Parameters.Count)
        {
            throw new FunctionException($"wrong number of args for {Name}: want {(Rest is null ? "" : "at least ")}{Parameters.Count} got {count}");
        }
    }
}
