using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>Generated JSON of everything in Contracts: camel case, enums by name, nulls left out.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelVersion))]
[JsonSerializable(typeof(IReadOnlyList<ModelVersion>))]
[JsonSerializable(typeof(ModelSignature))]
[JsonSerializable(typeof(ServingState))]
[JsonSerializable(typeof(IReadOnlyList<ServingState>))]
[JsonSerializable(typeof(ReplicaReport))]
[JsonSerializable(typeof(ReplicaStatus))]
[JsonSerializable(typeof(IReadOnlyList<ReplicaView>))]
[JsonSerializable(typeof(GatewayReport))]
[JsonSerializable(typeof(GatewayStatus))]
[JsonSerializable(typeof(IReadOnlyList<GatewayView>))]
[JsonSerializable(typeof(WatchEvent))]
public sealed partial class ContractsJson : JsonSerializerContext;
