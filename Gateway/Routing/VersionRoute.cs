using System.Globalization;
using Sluice.Contracts;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Grpc;
using Sluice.Gateway.Health;

namespace Sluice.Gateway.Routing;

/// <summary>One registered version and the replicas that have exactly it ready. Immutable; kept from snapshot to snapshot while nothing about it changes.</summary>
internal sealed class VersionRoute
{
    private readonly ReadyReplica[] _readyForGrpc;

    /// <param name="version">What was registered.</param>
    /// <param name="ready">The replicas that have it ready.</param>
    /// <param name="modelFigures">What is counted of the model.</param>
    /// <param name="figures">What is counted of the version; null while it has no part in serving.</param>
    /// <param name="breaker">The version's, which outlives this route.</param>
    public VersionRoute(ModelVersion version, IReadOnlyList<Replica> ready, ModelFigures modelFigures, VersionFigures? figures, VersionBreaker breaker)
    {
        Breaker = breaker;
        Definition = version;
        ModelFigures = modelFigures;
        Figures = figures;
        VersionText = version.Version.ToString(CultureInfo.InvariantCulture);
        Ready = [.. ready.Select(replica => new ReadyReplica(replica, this))];
        _readyForGrpc = Array.TrueForAll(Ready, each => each.Replica.GrpcAddress is not null) ? Ready : Array.FindAll(Ready, each => each.Replica.GrpcAddress is not null);
    }

    /// <summary>What was registered.</summary>
    public ModelVersion Definition { get; }

    /// <summary>The model's name.</summary>
    public string Model => Definition.Model;

    /// <summary>The version's number.</summary>
    public int Version => Definition.Version;

    /// <summary>The number as text, for headers and labels.</summary>
    public string VersionText { get; }

    /// <summary>What is counted of the model.</summary>
    public ModelFigures ModelFigures { get; }

    /// <summary>What is counted of the version; null while it has no part in serving, and cannot be asked.</summary>
    public VersionFigures? Figures { get; }

    /// <summary>Keeps a canary that fails most of its requests from slowing down users.</summary>
    public VersionBreaker Breaker { get; }

    /// <summary>The replicas to choose from.</summary>
    public ReadyReplica[] Ready { get; }

    /// <summary>Whether any replica can answer.</summary>
    public bool IsReady => Ready.Length > 0;

    /// <summary>Those of them that can be asked by a protocol: not all need to have a gRPC endpoint.</summary>
    public ReadyReplica[] ReadyFor(InferenceProtocol protocol) => protocol == InferenceProtocol.Grpc ? _readyForGrpc : Ready;

    /// <summary>Whether any replica can answer by a protocol.</summary>
    public bool IsReadyFor(InferenceProtocol protocol) => ReadyFor(protocol).Length > 0;

    /// <summary>Whether this route says of a version and its replicas what a new one would.</summary>
    public bool Matches(ModelVersion version, IReadOnlyList<Replica> ready, ModelFigures modelFigures, VersionFigures? figures)
    {
        if (Definition.Digest != version.Digest || Ready.Length != ready.Count || ModelFigures != modelFigures || Figures != figures)
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
    private readonly Uri?[] _addresses = new Uri?[(int)InferenceProtocol.Grpc + 1];
    private Uri? _streamAddress;

    public Replica Replica => replica;

    public VersionRoute Version => version;

    /// <summary>The path of a stream of inferences on this replica, which has a gRPC endpoint.</summary>
    public Uri StreamAddress => _streamAddress ??= new Uri(replica.GrpcAddress!, GrpcMethod.StreamInferPath);

    /// <summary>The path of a protocol on this replica, with the version where it has a place for it.</summary>
    public Uri AddressFor(InferenceProtocol protocol) => _addresses[(int)protocol] ??= protocol == InferenceProtocol.Grpc
        ? new Uri(replica.GrpcAddress!, GrpcMethod.InferPath)
        : new Uri(replica.Address, PathFor(protocol));

    private string PathFor(InferenceProtocol protocol) => protocol switch
    {
        InferenceProtocol.V2 => $"/v2/models/{version.Model}/versions/{version.VersionText}/infer",
        InferenceProtocol.V1 => $"/v1/models/{version.Model}/versions/{version.VersionText}:predict",
        InferenceProtocol.MlflowScoring => $"/models/{version.Model}/versions/{version.VersionText}/invocations",
        InferenceProtocol.Plain => $"/models/{version.Model}/versions/{version.VersionText}/predict",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, null),
    };
}
