using Sluice.HelmCharts.Functions;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Templates;

/// <summary>A chart's templates and functions for one rendering.</summary>
internal sealed class Engine
{
    private const int DeepestInclude = 200; // Helm's is 1000; each level takes much more of the stack here

    private int _includeDepth;
    private string _current = "";

    public Engine(HelmRelease release)
    {
        Comparisons.AddTo(Functions);
        Defaults.AddTo(Functions);
        Numbers.AddTo(Functions);
        Texts.AddTo(Functions);
        Lists.AddTo(Functions);
        Maps.AddTo(Functions);
        Documents.AddTo(Functions);
        ReleaseFunctions.AddTo(Functions, this, release);
    }

    public FunctionTable Functions { get; } = new();

    public TemplateSet Templates { get; private set; } = new();

    /// <summary>Adds a file and what it defines.</summary>
    public void Add(string file, string source) => Parser.Parse(file, source, Functions.Contains, Templates.Add);

    /// <summary>Renders a file of the chart.</summary>
    public string Render(string file, object? dot)
    {
        _current = file;
        return Clean(Evaluator.Execute(this, Templates.Find(file)!, dot));
    }

    /// <summary><c>include</c>.</summary>
    public string Include(string name, object? dot)
    {
        var template = Templates.Find(name) ?? throw new FunctionException($"template \"{name}\" is not defined");
        if (_includeDepth >= DeepestInclude)
        {
            throw new FunctionException($"\"{name}\" includes itself, or more than {DeepestInclude} templates include each other");
        }

        _includeDepth++;
        try
        {
            return Evaluator.Execute(this, template, dot);
        }
        finally
        {
            _includeDepth--;
        }
    }

    /// <summary><c>tpl</c>: what the text defines is known within it only.</summary>
    public string EvaluateText(string text, object? dot)
    {
        var outer = Templates;
        var name = _current + " (tpl)";
        Templates = outer.Copy();
        try
        {
            Parser.Parse(name, text, Functions.Contains, Templates.Replace);
            return Clean(Evaluator.Execute(this, Templates.Find(name)!, dot));
        }
        finally
        {
            Templates = outer;
        }
    }

    private static string Clean(string text) => text.Replace(GoText.NoValue, "", StringComparison.Ordinal);
}
