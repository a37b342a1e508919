using System.Globalization;
using System.Reflection;
using Sluice.Contracts;
using Sluice.Predictor.Figures;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Protos;
using Sluice.Predictor.Versions;
using ModelIndex = Sluice.Predictor.Protos.RepositoryIndexResponse.Types.ModelIndex;
using TensorMetadata = Sluice.Predictor.Protos.ModelMetadataResponse.Types.TensorMetadata;

namespace Sluice.Predictor.Grpc;

/// <summary>What the protocol tells over gRPC about the server and its models.</summary>
internal sealed class GrpcModels(ServedVersions served)
{
    private static readonly string Version =
        typeof(GrpcModels).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>At least one version answers and none is on its way.</summary>
    public bool IsReady()
    {
        var states = served.All.Select(version => version.State).ToArray();
        return states.Contains(VersionState.Ready) && !states.Contains(VersionState.Loading);
    }

    public static ServerMetadataResponse DescribeServer() => new() { Name = "sluice", Version = Version, Extensions = { "model_repository", "statistics" } };

    /// <exception cref="InferenceException">The model or version is unknown.</exception>
    public ModelReadyResponse IsModelReady(ModelReadyRequest request)
    {
        try
        {
            return new ModelReadyResponse { Ready = served.Find(Named(request.Name), VersionOf(request.Version)).State == VersionState.Ready };
        }
        catch (InferenceException exception) when (exception.Fault == FaultClass.Capacity)
        {
            return new ModelReadyResponse(); // it is known, but on another replica
        }
    }

    /// <exception cref="InferenceException">It is unknown, or not ready here.</exception>
    public ModelMetadataResponse Describe(ModelMetadataRequest request)
    {
        using var lease = served.Lease(Named(request.Name), VersionOf(request.Version));
        var signature = lease.Loaded.Session.Signature;
        return new ModelMetadataResponse
        {
            Name = lease.Artifact.Model,
            Versions = { Text(lease.Artifact.Version) },
            Platform = "onnx_onnxv1",
            Inputs = { signature.Inputs.Select(input => Describe(input.Spec)) },
            Outputs = { signature.Outputs.Select(Describe) },
        };
    }

    /// <summary>All versions that this replica holds or loads.</summary>
    /// <exception cref="InferenceException">Another repository is asked for.</exception>
    public RepositoryIndexResponse Index(RepositoryIndexRequest request)
    {
        RefuseOtherRepository(request.RepositoryName);
        return new RepositoryIndexResponse { Models = { InOrder().Where(version => !request.Ready || version.State == VersionState.Ready).Select(Describe) } };
    }

    /// <exception cref="InferenceException">The model or version is unknown, or not ready here.</exception>
    public ModelStatisticsResponse Statistics(ModelStatisticsRequest request)
    {
        if (request.Name.Length > 0)
        {
            // Says what is wrong with the name or the version.
            served.Lease(request.Name, VersionOf(request.Version)).Dispose();
        }

        var wanted = InOrder().Where(version => (request.Name.Length == 0 || version.Artifact.Model == request.Name)
            && (request.Version.Length == 0 || Text(version.Artifact.Version) == request.Version));
        return new ModelStatisticsResponse { ModelStats = { wanted.Where(version => version.Loaded is not null).Select(version => Tell(version, version.Loaded!.Figures)) } };
    }

    private IEnumerable<HeldVersion> InOrder() =>
        served.All.OrderBy(version => version.Artifact.Model, StringComparer.Ordinal).ThenBy(version => version.Artifact.Version);

    private static string Named(string name) => name.Length > 0 ? name : throw InferenceException.Client("name is missing.");

    private static string? VersionOf(string version) => version.Length > 0 ? version : null;

    private static void RefuseOtherRepository(string name)
    {
        if (name.Length > 0)
        {
            throw InferenceException.Client($"repository_name is {Words.Quoted(name)}: there is one repository, which has no name.");
        }
    }

    private static TensorMetadata Describe(TensorSpec spec) => new() { Name = spec.Name, Datatype = spec.Datatype, Shape = { spec.Shape } };

    private static ModelIndex Describe(HeldVersion version) => new()
    {
        Name = version.Artifact.Model,
        Version = Text(version.Artifact.Version),
        State = version.State switch
        {
            VersionState.Ready => "READY",
            VersionState.Loading => "LOADING",
            VersionState.Draining => "UNLOADING",
            _ => "UNAVAILABLE",
        },
        Reason = version.Reason ?? "",
    };

    private static ModelStatistics Tell(HeldVersion version, VersionFigures figures) => new()
    {
        Name = version.Artifact.Model,
        Version = Text(version.Artifact.Version),
        LastInference = (ulong)(figures.LastInference?.ToUnixTimeMilliseconds() ?? 0),
        InferenceCount = (ulong)figures.ComputedRows,
        ExecutionCount = (ulong)figures.Compute.Count,
        InferenceStats = new InferStatistics
        {
            Success = Tell(figures.Succeeded),
            Fail = Tell(figures.Failed),
            Queue = Tell(figures.Queue),
            ComputeInput = Tell(figures.Input),
            ComputeInfer = Tell(figures.Compute),
            ComputeOutput = Tell(figures.Output),
            CacheHit = new StatisticDuration(),
        },
        BatchStats = { figures.Batches.OrderBy(batch => batch.Key).Select(batch => new InferBatchStatistics { BatchSize = (ulong)batch.Key, ComputeInfer = Tell(batch.Value) }) },
    };

    private static StatisticDuration Tell(DurationTotal total) => new() { Count = (ulong)total.Count, Ns = (ulong)total.Nanoseconds };

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);
}
