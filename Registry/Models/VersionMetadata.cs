using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Contracts;
using Sluice.Registry.Http;

namespace Sluice.Registry.Models;

/// <summary>What is told about a version when it is registered; all of it may be left out.</summary>
internal sealed record VersionMetadata
{
    /// <summary>The form in words, for errors.</summary>
    public const string Form =
        "an object with description (text), labels (texts), metrics (numbers by name), tags (texts by key), signature (inputs and outputs with name, datatype, shape), each optional";

    private const int LongestDescription = 10_000;
    private const int MostLabels = 10_000;
    private const int LongestLabel = 1000;
    private const int MostPairs = 1000;
    private const int LongestKey = 250;
    private const int LongestTag = 8000;

    public string? Description { get; init; }

    // The generated JSON code sets what is left out to null, past the initializer.
    public IReadOnlyList<string> Labels { get; init => field = value ?? []; } = [];

    public IReadOnlyDictionary<string, double> Metrics { get; init => field = value ?? new Dictionary<string, double>(); } = new Dictionary<string, double>();

    public IReadOnlyDictionary<string, string> Tags { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>What the uploader believes the signature to be; compared with the graph's.</summary>
    public ModelSignature? Signature { get; init; }

    /// <summary>The first field that breaks a limit, and the limit; null when none does.</summary>
    public FieldProblem? FindProblem() =>
        FieldProblem.Unless(Description is null or { Length: <= LongestDescription }, "description", $"at most {LongestDescription} characters are allowed")
        ?? FieldProblem.Unless(Labels.Count <= MostLabels, "labels", $"at most {MostLabels} are allowed")
        ?? FieldProblem.Unless(
            Labels.All(label => label is { Length: <= LongestLabel }), "labels", $"texts of at most {LongestLabel} characters are expected")
        ?? CheckPairs("metrics", Metrics, double.IsFinite, "a finite number is expected")
        ?? CheckPairs("tags", Tags, value => value is { Length: <= LongestTag }, $"a text of at most {LongestTag} characters is expected")
        ?? (Signature is null ? null : CheckTensors("signature.inputs", Signature.Inputs) ?? CheckTensors("signature.outputs", Signature.Outputs));

    private static FieldProblem? CheckPairs<T>(string field, IReadOnlyDictionary<string, T> pairs, Func<T, bool> isRight, string expectation) =>
        FieldProblem.Unless(pairs.Count <= MostPairs, field, $"at most {MostPairs} are allowed")
        ?? FieldProblem.Unless(
            pairs.Keys.All(key => key.Length is > 0 and <= LongestKey), field, $"keys of 1 to {LongestKey} characters are expected")
        ?? pairs.Where(pair => !isRight(pair.Value)).Select(pair => new FieldProblem($"{field}.{pair.Key}", expectation)).FirstOrDefault();

    // What is missing in JSON is null, whatever the type says.
    private static FieldProblem? CheckTensors(string field, IReadOnlyList<TensorSpec>? tensors) => FieldProblem.Unless(
        tensors?.All(tensor => tensor is { Name: not null, Datatype: not null, Shape: not null }) is true,
        field,
        "an array of objects with name, datatype and shape is expected");
}

/// <summary>What the audit log says of a registration.</summary>
internal sealed record RegisteredDetails(string Digest, long Bytes);

/// <summary>Generated JSON of what only the Registry's models slice reads and writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, NumberHandling = JsonNumberHandling.Strict, MaxDepth = 16)]
[JsonSerializable(typeof(VersionMetadata))]
[JsonSerializable(typeof(ModelRecord))]
[JsonSerializable(typeof(RegisteredDetails))]
internal sealed partial class ModelsJson : JsonSerializerContext;
