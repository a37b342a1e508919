namespace Sluice.HelmCharts;

/// <summary>A template function refused its arguments; the evaluator adds where.</summary>
internal sealed class FunctionException(string message) : Exception(message);
