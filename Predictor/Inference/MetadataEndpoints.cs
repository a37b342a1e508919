using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Predictor.Reports;
using Sluice.Predictor.Runtime;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>What the v2 protocol tells about the server and its models.</summary>
internal static class MetadataEndpoints
{
    /// <summary>The version of this server.</summary>
    public static readonly string ServerVersion =
        typeof(MetadataEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The extensions of v2 that are there. Of the model repository the index only: what is loaded is decided elsewhere.</summary>
    public static readonly IReadOnlyList<string> Extensions = ["binary_tensor_data", "statistics", "parameters", "model_repository(index)"];

    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    public static void MapModelMetadata(this WebApplication app)
    {
        app.MapGet(InferencePaths.ServerMetadata, GetServer);
        app.MapMethods(InferencePaths.Live, GetOrHead, GetLive);
        app.MapMethods(InferencePaths.Ready, GetOrHead, GetReady);
        app.MapGet(InferencePaths.Model, GetModel);
        app.MapGet(InferencePaths.ModelVersion, GetModel);
        app.MapMethods(InferencePaths.Model + InferencePaths.ReadySuffix, GetOrHead, GetModelReady);
        app.MapMethods(InferencePaths.ModelVersion + InferencePaths.ReadySuffix, GetOrHead, GetModelReady);
    }

    // Gateways probe this, and want to know who answers: an address may be given to another process.
    private static JsonHttpResult<ServerLive> GetLive(HttpResponse response, ReplicaIdentity identity)
    {
        response.Headers[SluiceHeaders.Replica] = identity.Id;
        return Json(new ServerLive(true), MetadataJson.Default.ServerLive);
    }

    private static JsonHttpResult<ServerMetadata> GetServer() => Json(new ServerMetadata("sluice", ServerVersion, Extensions), MetadataJson.Default.ServerMetadata);

    private static JsonHttpResult<ServerReady> GetReady(ServedVersions served)
    {
        var ready = IsReady(served);
        return Json(new ServerReady(ready), MetadataJson.Default.ServerReady, ready);
    }

    /// <summary>Whether at least one version answers and none is on its way.</summary>
    public static bool IsReady(ServedVersions served)
    {
        var states = served.All.Select(version => version.State).ToArray();
        return states.Contains(VersionState.Ready) && !states.Contains(VersionState.Loading);
    }

    private static Task GetModel(HttpContext context, ServedVersions served, HttpInference inference, ComputeDevice device) => AnswerAsync(context, () =>
    {
        var (model, version) = inference.Target(context);
        using var lease = served.Lease(model, version);
        var signature = lease.Loaded.Session.Signature;
        context.Response.Headers[SluiceHeaders.Digest] = lease.Artifact.Digest;
        var metadata = new ModelMetadata(
            lease.Artifact.Model,
            [lease.Artifact.Version.ToString(CultureInfo.InvariantCulture)],
            "onnx_onnxv1",
            [.. signature.Inputs.Select(input => Describe(input.Spec))],
            [.. signature.Outputs.Select(Describe)],
            new ModelParameters(lease.Artifact.Digest, device.Name, device.Reason, lease.Loaded.Batcher.Joins, lease.Loaded.Batcher.Settings.MaxBatchSize));
        return Json(metadata, MetadataJson.Default.ModelMetadata);
    });

    private static Task GetModelReady(HttpContext context, ServedVersions served, HttpInference inference) => AnswerAsync(context, () =>
    {
        var (model, version) = inference.Target(context);
        var found = served.Find(model, version);
        var ready = found.State == VersionState.Ready;
        return Json(new ModelReady(found.Artifact.Model, ready), MetadataJson.Default.ModelReady, ready);
    });

    /// <summary>Sends a result, or the failure that it ended in.</summary>
    public static async Task AnswerAsync(HttpContext context, Func<IResult> answer)
    {
        try
        {
            await answer().ExecuteAsync(context);
        }
        catch (InferenceException failure)
        {
            await InferenceErrors.WriteAsync(context, InferenceProtocol.V2, failure);
        }
    }

    private static TensorMetadata Describe(TensorSpec spec) => new(spec.Name, spec.Datatype, spec.Shape);

    private static JsonHttpResult<T> Json<T>(T value, JsonTypeInfo<T> type, bool ok = true) => TypedResults.Json(
        value, type, statusCode: ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}

internal sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

internal sealed record ServerLive(bool Live);

internal sealed record ServerReady(bool Ready);

internal sealed record ModelReady(string Name, bool Ready);

internal sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape);

internal sealed record ModelMetadata(
    string Name,
    IReadOnlyList<string> Versions,
    string Platform,
    IReadOnlyList<TensorMetadata> Inputs,
    IReadOnlyList<TensorMetadata> Outputs,
    ModelParameters Parameters);

/// <summary>What the protocol has no field for: which artifact it is, what computes it and why, and whether requests are joined.</summary>
internal sealed record ModelParameters(string Digest, string Device, string DeviceReason, bool Batching, int MaxBatchSize);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerLive))]
[JsonSerializable(typeof(ServerReady))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(ModelMetadata))]
internal sealed partial class MetadataJson : JsonSerializerContext;
