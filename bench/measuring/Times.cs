namespace Sluice.Measuring;

/// <summary>How long things are measured.</summary>
/// <param name="Duration">Of one measurement.</param>
/// <param name="Rounds">How often each side of a comparison is measured; the median counts.</param>
public record Times(TimeSpan Duration, int Rounds)
{
    /// <summary>Before each measurement: caches, the just-in-time compiler and connections settle.</summary>
    public TimeSpan WarmUp => Duration / 4;
}
