using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Metadata;

/// <summary><c>GET /v2/health/live</c>.</summary>
internal sealed record Live([property: JsonPropertyName("live")] bool IsLive);

/// <summary><c>GET /v2/health/ready</c>.</summary>
internal sealed record Ready([property: JsonPropertyName("ready")] bool IsReady);

/// <summary><c>GET /v2/models/{model}/ready</c>.</summary>
internal sealed record ModelReady(string Name, bool Ready);

/// <summary><c>GET /v2</c>.</summary>
/// <param name="Name">The server's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Extensions">The extensions of the protocol that it implements.</param>
internal sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions)
{
    public static ServerMetadata OfThisServer { get; } =
        new("sluice", ProductVersion.Text, ["binary_tensor_data", "parameters", "model_repository(index)"]);
}

/// <summary><c>GET /v2/models/{model}</c>.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Versions">The versions that can be asked for at this moment.</param>
/// <param name="Platform">What the artifact is.</param>
/// <param name="Inputs">Of the version that was asked for, or else that serves the model.</param>
/// <param name="Outputs">As the inputs.</param>
internal sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs)
{
    private const string OnnxPlatform = "onnx_onnxv1"; // the protocol's own name for it

    public static ModelMetadata From(ModelRoute model, VersionRoute version) => new(
        model.Model,
        [.. model.Versions.Where(each => each.IsReady).Select(each => each.VersionText)],
        OnnxPlatform,
        version.Definition.Signature.Inputs,
        version.Definition.Signature.Outputs);
}

/// <summary><c>GET /</c>: for whoever found the address and wonders what to ask.</summary>
/// <param name="Name">The server's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Models">Some of the models that have a version ready; none where keys are asked for.</param>
/// <param name="Ask">What to ask next.</param>
internal sealed record Greeting(string Name, string Version, IReadOnlyList<string> Models, IReadOnlyList<string> Ask)
{
    private const int MaxModels = 20;

    public static Greeting From(RouteTable table)
    {
        var models = table.Models.Where(model => model.Default is { IsReady: true }).Select(model => model.Model).Order(StringComparer.Ordinal).ToList();
        var model = models.FirstOrDefault() ?? "{model}";
        return new Greeting("sluice", ProductVersion.Text, [.. models.Take(MaxModels)], [
            $"GET /v2/models/{model}",
            $"POST /v2/models/{model}/infer",
            $"POST /v1/models/{model}:predict",
            $"POST /models/{model}/invocations",
            $"POST /models/{model}/predict",
            $"GET {ApiPaths.Models}",
        ]);
    }
}

/// <summary>The version of the product.</summary>
internal static class ProductVersion
{
    public static string Text { get; } = typeof(ProductVersion).Assembly.GetName().Version?.ToString(3) ?? "0";
}

/// <summary>Generated JSON of the answers above.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Live))]
[JsonSerializable(typeof(Ready))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(Greeting))]
[JsonSerializable(typeof(V1Models))]
[JsonSerializable(typeof(IndexQuery))]
[JsonSerializable(typeof(IndexEntry[]))]
internal sealed partial class MetadataJson : JsonSerializerContext;
