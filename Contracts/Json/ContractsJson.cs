using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>
/// Generated JSON of everything in Contracts: camel case, enums by name, nulls left out, and refused where a type allows none.
/// </summary>
/// <remarks>
/// The generated code sets every <c>init</c> property, to null where the JSON does not have it, past the property's initializer. Collections that may
/// be left out therefore turn null into empty in their <c>init</c>.
/// </remarks>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelVersion))]
[JsonSerializable(typeof(IReadOnlyList<ModelVersion>))]
[JsonSerializable(typeof(BlobUsage))]
[JsonSerializable(typeof(BlobCollection))]
[JsonSerializable(typeof(ImportedModel))]
[JsonSerializable(typeof(ModelSignature))]
[JsonSerializable(typeof(ModelView))]
[JsonSerializable(typeof(IReadOnlyList<ModelView>))]
[JsonSerializable(typeof(IReadOnlyList<Gate>))]
[JsonSerializable(typeof(AliasView))]
[JsonSerializable(typeof(ApplyResult))]
[JsonSerializable(typeof(UploadProgress))]
[JsonSerializable(typeof(IReadOnlyList<AliasView>))]
[JsonSerializable(typeof(IReadOnlyList<GoldenVector>))]
[JsonSerializable(typeof(ServingState))]
[JsonSerializable(typeof(IReadOnlyList<ServingState>))]
[JsonSerializable(typeof(ReplicaReport))]
[JsonSerializable(typeof(ReplicaStatus))]
[JsonSerializable(typeof(IReadOnlyList<ReplicaView>))]
[JsonSerializable(typeof(GatewayReport))]
[JsonSerializable(typeof(GatewayStatus))]
[JsonSerializable(typeof(IReadOnlyList<GatewayView>))]
[JsonSerializable(typeof(WatchEvent))]
[JsonSerializable(typeof(AuditRecord))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(ApiKeyView))]
[JsonSerializable(typeof(IReadOnlyList<ApiKeyView>))]
[JsonSerializable(typeof(CreatedApiKey))]
[JsonSerializable(typeof(RegeneratedSecret))]
[JsonSerializable(typeof(RateLimit))]
[JsonSerializable(typeof(AccessToken))]
[JsonSerializable(typeof(TokenKeySet))]
[JsonSerializable(typeof(Rollout))]
[JsonSerializable(typeof(IReadOnlyList<Rollout>))]
[JsonSerializable(typeof(IReadOnlyList<RolloutEvent>))]
[JsonSerializable(typeof(StartRollout))]
[JsonSerializable(typeof(RolloutOrder))]
[JsonSerializable(typeof(VerdictProposal))]
[JsonSerializable(typeof(EvidenceAppend))]
[JsonSerializable(typeof(EvidencePage))]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ContractsJson : JsonSerializerContext;
