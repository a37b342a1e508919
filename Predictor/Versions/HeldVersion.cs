using Sluice.Contracts;

namespace Sluice.Predictor.Versions;

/// <summary>One version on this replica: where it stands, and its session once it is loaded.</summary>
internal sealed class HeldVersion(ModelVersion artifact)
{
    private volatile Standing _standing = new(VersionState.Loading, null, null);

    public ModelVersion Artifact { get; } = artifact;

    public VersionState State => _standing.State;

    /// <summary>Why it failed.</summary>
    public string? Reason => _standing.Reason;

    /// <summary>The session; null unless it is Ready or Draining.</summary>
    public LoadedVersion? Loaded => _standing.Loaded;

    public int InFlight => Loaded?.InFlight ?? 0;

    public ReplicaVersion Report
    {
        get
        {
            var standing = _standing;
            return new ReplicaVersion(Artifact.Model, Artifact.Version, Artifact.Digest, standing.State, standing.Reason);
        }
    }

    public void BecameReady(LoadedVersion loaded) => _standing = new Standing(VersionState.Ready, loaded, null);

    public void Failed(string reason) => _standing = new Standing(VersionState.Failed, null, reason);

    /// <summary>Tells gateways to move away. Requests that are under way to it are still answered until it is closed.</summary>
    public void Drain()
    {
        if (_standing is { State: VersionState.Ready } standing)
        {
            _standing = standing with { State = VersionState.Draining };
        }
    }

    /// <summary>It is wanted again before it was unloaded.</summary>
    public void Resume()
    {
        if (_standing is { State: VersionState.Draining } standing)
        {
            _standing = standing with { State = VersionState.Ready };
        }
    }

    private sealed record Standing(VersionState State, LoadedVersion? Loaded, string? Reason);
}
