namespace Sluice.HelmCharts.Templates;

/// <summary>A template by its name: a file, or what a file defines.</summary>
internal sealed record Template(string Name, string File, Block Body);

/// <summary>All templates of a chart. A name may be defined once: which of two Go takes depends on the order of files.</summary>
internal sealed class TemplateSet
{
    private readonly Dictionary<string, Template> _templates;

    public TemplateSet() => _templates = new Dictionary<string, Template>(StringComparer.Ordinal);

    private TemplateSet(TemplateSet other) => _templates = new Dictionary<string, Template>(other._templates, StringComparer.Ordinal);

    public Template? Find(string name) => _templates.GetValueOrDefault(name);

    /// <summary>A copy, for what <c>tpl</c> defines and forgets.</summary>
    public TemplateSet Copy() => new(this);

    public void Add(Template template)
    {
        if (!_templates.TryAdd(template.Name, template))
        {
            throw new ChartException(template.File, 0, $"template \"{template.Name}\" is defined twice, before in {_templates[template.Name].File}");
        }
    }

    /// <summary>Adds or replaces: the text of a <c>tpl</c> has the name of the template that calls it.</summary>
    public void Replace(Template template) => _templates[template.Name] = template;
}
