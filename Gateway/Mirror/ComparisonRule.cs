using Sluice.Contracts;

namespace Sluice.Gateway.Mirror;

/// <summary>What makes two answers differ.</summary>
/// <param name="IsClass">Whether the class counts, and not the scores that it comes from.</param>
/// <param name="Classes">How many classes there are; 0 when nobody says.</param>
/// <param name="Relative">How far floating values may be apart, as a share of stable's.</param>
internal sealed record ComparisonRule(bool IsClass, int Classes, double Relative)
{
    /// <summary>The rule for a pair of versions. A version with labels is a classifier.</summary>
    public static ComparisonRule For(MirrorOptions options, ModelVersion stable, ModelVersion canary)
    {
        var classes = stable.Labels.Count > 0 ? stable.Labels.Count : canary.Labels.Count;
        return new(options.MirrorCompare switch
        {
            MirrorCompare.Class => true,
            MirrorCompare.Tensors => false,
            _ => classes > 0,
        }, classes, options.MirrorTolerance);
    }

    /// <summary>Whether a value is as near to stable's as it must be.</summary>
    /// <param name="stable">Stable's.</param>
    /// <param name="canary">The canary's.</param>
    /// <param name="datatype">Halves hold fewer digits than the tolerance of others may ask for.</param>
    public bool IsNear(double stable, double canary, string? datatype)
    {
        var (relative, absolute) = datatype switch
        {
            Datatype.Fp16 => (Math.Max(Relative, 1e-2), Math.Max(Relative / 100, 1e-3)),
            Datatype.Bf16 => (Math.Max(Relative, 5e-2), Math.Max(Relative / 100, 1e-2)),
            _ => (Relative, Relative / 100),
        };

        // Equal ones first: infinities have no distance.
        return stable == canary || Math.Abs(stable - canary) <= absolute + (relative * Math.Abs(stable)) && double.IsFinite(stable);
    }
}
