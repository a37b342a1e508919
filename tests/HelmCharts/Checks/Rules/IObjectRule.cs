namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>Something that must hold between objects.</summary>
internal interface IObjectRule
{
    IEnumerable<Problem> Check(ObjectSet set);
}

/// <summary>What is wrong, and with which object.</summary>
internal readonly record struct Problem(RenderedDocument Document, string Text);
