using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Gateway.Routing;

/// <summary>One registered version and the replicas that have exactly it ready. Immutable; kept from snapshot to snapshot while nothing about it changes.</summary>
internal sealed class VersionRoute
{
    public VersionRoute(ModelVersion version, IReadOnlyList<Replica> ready)
    {
        Definition = version;
        VersionText = version.Version.ToString(CultureInfo.InvariantCulture);
        Ready = [.. ready.Select(replica => new ReadyReplica(replica, this))];
    }

    /// <summary>What was registered.</summary>
    public ModelVersion Definition { get; }

    /// <summary>The model's name.</summary>
    public string Model => Definition.Model;

    /// <summary>The version's number.</summary>
    public int Version => Definition.Version;

    /// <summary>The number as text, for headers and labels.</summary>
    public string VersionText { get; }

    /// <summary>The replicas to choose from.</summary>
    public ReadyReplica[] Ready { get; }

    /// <summary>Whether any replica can answer.</summary>
    public bool IsReady => Ready.Length > 0;

    /// <summary>Whether this route says of a version and its replicas what a new one would.</summary>
    public bool Matches(ModelVersion version, IReadOnlyList<Replica> ready)
    {
        if (Definition.Digest != version.Digest || Ready.Length != ready.Count)
        {
            return false;
        }

        for (var i = 0; i < Ready.Length; i++)
        {
            if (!ReferenceEquals(Ready[i].Replica, ready[i]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A version on a replica: where its requests go. The addresses are made once, as making one costs more than choosing a replica.</summary>
internal sealed class ReadyReplica(Replica replica, VersionRoute version)
{
    private Uri? _infer;
    private Uri? _invocations;

    public Replica Replica => replica;

    /// <summary>The versioned path of a protocol on this replica.</summary>
    public Uri AddressFor(InferenceProtocol protocol) => protocol == InferenceProtocol.MlflowScoring
        ? _invocations ??= new Uri(replica.Address, $"/models/{version.Model}/versions/{version.VersionText}/invocations")
        : _infer ??= new Uri(replica.Address, $"/v2/models/{version.Model}/versions/{version.VersionText}/infer");
}
