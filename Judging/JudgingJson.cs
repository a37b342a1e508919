using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Judging;

/// <summary>Generated JSON of the judge's records. Doubles come back bit-equal.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogEntry))]
[JsonSerializable(typeof(Judgement))]
[JsonSerializable(typeof(JudgeSettings))]
[JsonSerializable(typeof(Timeline))]
[JsonSerializable(typeof(Forecast))]
[JsonSerializable(typeof(IReadOnlyList<Judgement>))]
public sealed partial class JudgingJson : JsonSerializerContext;
