using Sluice.Contracts;

namespace Sluice.Gateway.Routing;

/// <summary>What the gateway knows of one model. Immutable.</summary>
internal sealed class ModelRoute
{
    private readonly VersionRoute[] _versions;

    /// <param name="model">The model's name.</param>
    /// <param name="serving">Its desired state; null before it has one.</param>
    /// <param name="versions">Its registered versions, by rising number.</param>
    public ModelRoute(string model, ServingState? serving, VersionRoute[] versions)
    {
        Model = model;
        Serving = serving;
        _versions = versions;
        Default = ChooseDefault(serving);
    }

    public string Model { get; }

    public ServingState? Serving { get; }

    /// <summary>The registered versions, by rising number.</summary>
    public IReadOnlyList<VersionRoute> Versions => _versions;

    /// <summary>The version of requests that name none; null when the model has no stable version.</summary>
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
        var stable = serving?.Stable is { } number ? Find(number) : null;
        var previous = serving?.Previous is { } earlier ? Find(earlier) : null;
        return stable is { IsReady: false } && previous is { IsReady: true } ? previous : stable;
    }
}
