namespace Sluice.Contracts;

/// <summary>A rule that a version must pass before a rollout to it may start. A metric that the version does not have passes no gate.</summary>
/// <param name="Metric">Name of a quality figure (<see cref="ModelVersion.Metrics"/>), 1 to 250 characters; one gate a metric.</param>
/// <param name="Min">The figure must be at least this; null for no such limit.</param>
/// <param name="Max">The figure must be at most this; null for no such limit.</param>
/// <param name="MaxDrop">
/// The figure may be worse than the stable version's by at most this, 0 or more, in the figure's own unit; null for no such limit. It says nothing
/// while no version is stable, or the stable one does not have the metric.
/// </param>
/// <param name="HigherIsBetter">What worse means: lower (true, as accuracy), or higher (false, as a loss).</param>
public sealed record Gate(string Metric, double? Min = null, double? Max = null, double? MaxDrop = null, bool HigherIsBetter = true);
