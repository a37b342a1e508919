using Sluice.Contracts;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Splitting;

namespace Sluice.Gateway.Routing;

/// <summary>What the gateway knows of one model. Immutable.</summary>
internal sealed class ModelRoute
{
    private readonly VersionRoute[] _versions;
    private readonly VersionRoute? _canary;

    /// <param name="model">The model's name.</param>
    /// <param name="serving">Its desired state; null before it has one.</param>
    /// <param name="versions">Its registered versions, by rising number.</param>
    /// <param name="traffic">Its traffic, which outlives this route.</param>
    /// <param name="figures">What is counted of it, which outlives this route, too.</param>
    public ModelRoute(string model, ServingState? serving, VersionRoute[] versions, ModelTraffic traffic, ModelFigures figures)
    {
        Model = model;
        Serving = serving;
        _versions = versions;
        Traffic = traffic;
        Figures = figures;
        Stable = serving?.Stable is { } stable ? Find(stable) : null;
        Default = ChooseDefault(serving);
        _canary = serving?.Canary is { } canary && canary != Default?.Version ? Find(canary) : null;
        Split = new TrafficSplit(_canary is { IsReady: true } ? serving!.CanaryWeight : Weight.None, serving?.Rollout ?? model);
    }

    public string Model { get; }

    public ServingState? Serving { get; }

    /// <summary>The registered versions, by rising number.</summary>
    public IReadOnlyList<VersionRoute> Versions => _versions;

    /// <summary>How busy the model is.</summary>
    public ModelTraffic Traffic { get; }

    /// <summary>What is counted of it.</summary>
    public ModelFigures Figures { get; }

    /// <summary>How its requests are divided.</summary>
    public TrafficSplit Split { get; }

    /// <summary>The canary's share in use: none while no replica has it ready.</summary>
    public Weight CanaryWeight => Split.CanaryWeight;

    /// <summary>The share of stable's requests that is copied to the canary.</summary>
    public Weight MirrorShare => _canary is null ? Weight.None : Serving!.MirrorShare;

    /// <summary>The version that is tried; null when there is none.</summary>
    public VersionRoute? Canary => _canary;

    /// <summary>The version of a request that names none, by the weight; null when the model has no stable version.</summary>
    /// <param name="key">By what its caller is known again; empty when by nothing.</param>
    /// <param name="random">Where luck comes from.</param>
    public VersionRoute? Choose(ReadOnlySpan<char> key, Random random) => Split.IsCanary(key, random) ? _canary : Default;

    /// <summary>The stable version; null when the model has none.</summary>
    public VersionRoute? Stable { get; }

    /// <summary>The stable version, or the one that stands in for it; null when the model has no stable version.</summary>
    public VersionRoute? Default { get; }

    /// <summary>A registered version; null when there is none of that number.</summary>
    public VersionRoute? Find(int version)
    {
        foreach (var route in _versions)
        {
            if (route.Version == version)
            {
                return route;
            }
        }

        return null;
    }

    // The version that was stable before answers while the new one is not ready anywhere, so that a change never leaves a gap.
    private VersionRoute? ChooseDefault(ServingState? serving)
    {
        var previous = serving?.Previous is { } earlier ? Find(earlier) : null;
        return Stable is { IsReady: false } && previous is { IsReady: true } ? previous : Stable;
    }
}
