using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Figures;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Versions;
using Sluice.Protos;
using ModelIndex = Sluice.Protos.RepositoryIndexResponse.Types.ModelIndex;
using TensorMetadata = Sluice.Protos.ModelMetadataResponse.Types.TensorMetadata;

namespace Sluice.Predictor.Grpc;

/// <summary>What the protocol tells over gRPC about the server and its models.</summary>
internal sealed class GrpcModels(ServedVersions served, RepositoryIndex index)
{
    /// <summary>At least one version answers and none is on its way.</summary>
    public bool IsReady() => MetadataEndpoints.IsReady(served);

    public static ServerMetadataResponse DescribeServer() =>
        new() { Name = "sluice", Version = MetadataEndpoints.ServerVersion, Extensions = { MetadataEndpoints.Extensions } };

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

    /// <summary>All versions that are known.</summary>
    /// <exception cref="InferenceException">Another repository is asked for.</exception>
    public RepositoryIndexResponse Index(RepositoryIndexRequest request)
    {
        RefuseOtherRepository(request.RepositoryName);
        return new RepositoryIndexResponse { Models = { index.List().Where(entry => !request.Ready || entry.State == RepositoryIndex.Ready).Select(Describe) } };
    }

    /// <exception cref="InferenceException">The model or version is unknown, or not loaded here.</exception>
    public ModelStatisticsResponse Statistics(ModelStatisticsRequest request)
    {
        HeldVersion[] wanted = request switch
        {
            { Name: "", Version: "" } => [.. served.All],
            { Version: "" } => [.. OfModel(served.Find(request.Name, null).Artifact.Model)],
            _ => [served.Find(Named(request.Name), request.Version)],
        };
        if (wanted is [{ Loaded: null } absent] && request.Version.Length > 0)
        {
            throw InferenceException.Capacity($"Version {absent.Artifact.Version} of model {absent.Artifact.Model} is not loaded here.");
        }

        return new ModelStatisticsResponse
        {
            ModelStats =
            {
                wanted.Where(version => version.Loaded is not null)
                    .OrderBy(version => version.Artifact.Model, StringComparer.Ordinal).ThenBy(version => version.Artifact.Version)
                    .Select(version => Tell(version.Artifact, version.Loaded!.Figures)),
            },
        };
    }

    private IEnumerable<HeldVersion> OfModel(string model) => served.All.Where(version => version.Artifact.Model == model);

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

    private static ModelIndex Describe(IndexEntry entry) => new() { Name = entry.Name, Version = entry.Version, State = entry.State, Reason = entry.Reason };

    private static ModelStatistics Tell(ModelVersion version, VersionFigures figures) => new()
    {
        Name = version.Model,
        Version = Text(version.Version),
        LastInference = (ulong)(figures.LastInference?.ToUnixTimeMilliseconds() ?? 0),
        InferenceCount = (ulong)figures.ComputedRows,
        ExecutionCount = (ulong)figures.Compute.Count,
        InferenceStats = Tell(figures),
        BatchStats = { figures.Batches.OrderBy(batch => batch.Key).Select(Tell) },
    };

    private static InferStatistics Tell(VersionFigures figures) => new()
    {
        Success = Tell(figures.Succeeded),
        Fail = Tell(figures.Failed),
        Queue = Tell(figures.Queue),
        ComputeInput = Tell(figures.Input),
        ComputeInfer = Tell(figures.Compute),
        ComputeOutput = Tell(figures.Output),
        CacheHit = new StatisticDuration(),
    };

    private static InferBatchStatistics Tell(KeyValuePair<long, DurationTotal> batch) => new()
    {
        BatchSize = (ulong)batch.Key,
        ComputeInput = new StatisticDuration(),
        ComputeInfer = Tell(batch.Value),
        ComputeOutput = new StatisticDuration(),
    };

    private static StatisticDuration Tell(DurationTotal total) => new() { Count = (ulong)total.Count, Ns = (ulong)total.Nanoseconds };

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);
}
