using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>What the v2 protocol tells about the server and its models.</summary>
internal static class MetadataEndpoints
{
    private static readonly string ServerVersion =
        typeof(MetadataEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void MapModelMetadata(this WebApplication app)
    {
        app.MapGet(InferencePaths.ServerMetadata, GetServer);
        app.MapGet(InferencePaths.Live, () => Json(new ServerLive(true), MetadataJson.Default.ServerLive));
        app.MapGet(InferencePaths.Ready, GetReady);
        app.MapGet(InferencePaths.Model, GetModel);
        app.MapGet(InferencePaths.ModelVersion, GetModel);
        app.MapGet(InferencePaths.Model + InferencePaths.ReadySuffix, GetModelReady);
        app.MapGet(InferencePaths.ModelVersion + InferencePaths.ReadySuffix, GetModelReady);
    }

    private static JsonHttpResult<ServerMetadata> GetServer() => Json(new ServerMetadata("sluice", ServerVersion, []), MetadataJson.Default.ServerMetadata);

    // At least one version answers and none is on its way.
    private static JsonHttpResult<ServerReady> GetReady(ServedVersions served)
    {
        var states = served.All.Select(version => version.State).ToArray();
        var ready = states.Contains(VersionState.Ready) && !states.Contains(VersionState.Loading);
        return Json(new ServerReady(ready), MetadataJson.Default.ServerReady, ready);
    }

    private static async Task GetModel(HttpContext context, ServedVersions served) => await AnswerAsync(context, () =>
    {
        using var lease = served.Lease(Model(context), Version(context));
        var signature = lease.Loaded.Session.Signature;
        context.Response.Headers[SluiceHeaders.Digest] = lease.Artifact.Digest;
        var metadata = new ModelMetadata(
            lease.Artifact.Model,
            [lease.Artifact.Version.ToString(CultureInfo.InvariantCulture)],
            "onnx_onnxv1",
            [.. signature.Inputs.Select(input => Describe(input.Spec))],
            [.. signature.Outputs.Select(Describe)]);
        return Json(metadata, MetadataJson.Default.ModelMetadata);
    });

    private static async Task GetModelReady(HttpContext context, ServedVersions served) => await AnswerAsync(context, () =>
    {
        var version = served.Find(Model(context), Version(context));
        var ready = version.State == VersionState.Ready;
        return Json(new ModelReady(version.Artifact.Model, ready), MetadataJson.Default.ModelReady, ready);
    });

    private static async Task AnswerAsync(HttpContext context, Func<IResult> answer)
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

    private static string Model(HttpContext context) => (string)context.Request.RouteValues["model"]!;

    private static string? Version(HttpContext context) => context.Request.RouteValues["version"] as string;

    private static JsonHttpResult<T> Json<T>(T value, JsonTypeInfo<T> type, bool ok = true) => TypedResults.Json(
        value, type, statusCode: ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}

internal sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

internal sealed record ServerLive(bool Live);

internal sealed record ServerReady(bool Ready);

internal sealed record ModelReady(string Name, bool Ready);

internal sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape);

internal sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerLive))]
[JsonSerializable(typeof(ServerReady))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(ModelMetadata))]
internal sealed partial class MetadataJson : JsonSerializerContext;
