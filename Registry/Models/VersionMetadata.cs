using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Contracts;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>What is told about a version when it is registered; all of it may be left out.</summary>
internal record VersionMetadata
{
    /// <summary>The form in words, for errors.</summary>
    public const string Form =
        "an object with description (text), labels (texts), metrics (numbers by name), tags (texts by key), sourceRun (text), golden (golden vectors), settings (how it is computed), signature (inputs and outputs with name, datatype, shape), each optional";

    private const int MostLabels = 10_000;
    private const int LongestLabel = 1000;
    private const int LongestSourceRun = 500;

    public string? Description { get; init; }

    // The generated JSON code sets what is left out to null, past the initializer.
    public IReadOnlyList<string> Labels { get; init => field = value ?? []; } = [];

    public IReadOnlyDictionary<string, double> Metrics { get; init => field = value ?? new Dictionary<string, double>(); } = new Dictionary<string, double>();

    public IReadOnlyDictionary<string, string> Tags { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>The run that made it.</summary>
    public string? SourceRun { get; init; }

    /// <summary>How it wants to be computed.</summary>
    public InferenceSettings? Settings { get; init; }

    /// <summary>Golden vectors (<see cref="GoldenVectors"/>), checked when the signature is known.</summary>
    public JsonElement? Golden { get; init; }

    /// <summary>What the uploader believes the signature to be; compared with the graph's.</summary>
    public ModelSignature? Signature { get; init; }

    /// <summary>The first field that breaks a limit, and the limit; null when none does.</summary>
    public FieldProblem? FindProblem() =>
        FactRules.FindProblem(Description)
        ?? FieldProblem.Unless(Labels.Count <= MostLabels, "labels", $"at most {MostLabels} are allowed")
        ?? FieldProblem.Unless(
            Labels.All(label => label is { Length: <= LongestLabel }), "labels", $"texts of at most {LongestLabel} characters are expected")
        ?? FactRules.FindProblem("metrics", Metrics, double.IsFinite, "a finite number is expected")
        ?? FactRules.FindTagProblem(Tags)
        ?? FieldProblem.Unless(SourceRun is null or { Length: <= LongestSourceRun }, "sourceRun", $"at most {LongestSourceRun} characters are allowed")
        ?? SettingsRules.FindProblem(Settings)
        ?? (Signature is null ? null : CheckTensors("signature.inputs", Signature.Inputs) ?? CheckTensors("signature.outputs", Signature.Outputs));

    // What is missing in JSON is null, whatever the type says.
    private static FieldProblem? CheckTensors(string field, IReadOnlyList<TensorSpec>? tensors) => FieldProblem.Unless(
        tensors?.All(tensor => tensor is { Name: not null, Datatype: not null, Shape: not null }) is true,
        field,
        "an array of objects with name, datatype and shape is expected");
}

/// <summary>What the audit log says of a registration.</summary>
internal sealed record RegisteredDetails(string Digest, long Bytes);

/// <summary>What the audit log says of a version's end.</summary>
internal sealed record DeletedDetails(string Digest, IReadOnlyList<string> Aliases);

/// <summary>What the audit log says of an alias; the version it named before, if any.</summary>
internal sealed record AliasDetails(string Alias, int? Before);

/// <summary>The body of <c>PUT /api/models/{model}/aliases/{alias}</c>.</summary>
internal sealed record SetAlias
{
    /// <summary>The form in words, for errors.</summary>
    public const string Form = """{"version": number of a version}""";

    /// <summary>The version it shall name.</summary>
    public required int Version { get; init; }
}

/// <summary>Generated JSON of what the models slice keeps. Fields that a newer Registry wrote are passed over.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, MaxDepth = 16)]
[JsonSerializable(typeof(ModelRecord))]
[JsonSerializable(typeof(RegisteredDetails))]
[JsonSerializable(typeof(DeletedDetails))]
[JsonSerializable(typeof(AliasDetails))]
[JsonSerializable(typeof(int))]
internal sealed partial class ModelsJson : JsonSerializerContext;

/// <summary>Generated JSON of what is told to the models slice. A field that is not known is a mistake: a typing error would be passed over else.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    NumberHandling = JsonNumberHandling.Strict,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 16)]
[JsonSerializable(typeof(VersionMetadata))]
[JsonSerializable(typeof(SetAlias))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(IReadOnlyList<Gate>))]
internal sealed partial class ModelRequestsJson : JsonSerializerContext;
