using Sluice.Contracts;
using Sluice.Registry.Models;
using Sluice.Registry.Rollouts.Explaining;
using Sluice.Registry.Serving;
using Sluice.Registry.Sources;

namespace Sluice.Registry.OpenApi;

/// <summary>
/// Every operation of the API. Handlers read their bodies themselves, so as to say what is wrong with them in words; what those bodies and answers are
/// is written down here. A test looks that no operation is missing.
/// </summary>
internal static class ApiOperations
{
    private const string Get = "GET";
    private const string Put = "PUT";
    private const string Post = "POST";
    private const string Patch = "PATCH";
    private const string Delete = "DELETE";
    private const string Bytes = "application/octet-stream";

    private static readonly string[] Paging = ["limit", "cursor"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ApiOperation> All { get; } = [.. Models(), .. Versions(), .. Rollouts(), .. Services(), .. Administration()];

    private static IEnumerable<ApiOperation> Models() =>
    [
        new(Get, ApiPaths.Models, "listModels", "Models, in pages; Link says where the next page is") { Answer = typeof(IReadOnlyList<ModelView>), Query = ["name", "alias", "tag", .. Paging] },
        new(Get, ApiPaths.Model, "getModel", "One model") { Answer = typeof(ModelView) },
        new(Put, ApiPaths.Model, "putModel", "Creates or describes a model") { Body = typeof(WordsBody), Answer = typeof(ModelView) },
        new(Patch, ApiPaths.Model, "patchModel", "Changes a model's description and tags") { Body = typeof(WordsBody), Answer = typeof(ModelView) },
        new(Delete, ApiPaths.Model, "deleteModel", "Deletes a model with all versions, unless it is in use"),
        new(Get, ApiPaths.Gates, "getGates", "What a version must pass before a rollout of it may start") { Answer = typeof(IReadOnlyList<Gate>) },
        new(Put, ApiPaths.Gates, "putGates", "Sets the gates") { Body = typeof(IReadOnlyList<Gate>), Answer = typeof(IReadOnlyList<Gate>) },
        new(Get, ApiPaths.Aliases, "listAliases", "The aliases of a model") { Answer = typeof(IReadOnlyList<AliasView>) },
        new(Get, ApiPaths.Alias, "getAlias", "The version that an alias stands for") { Answer = typeof(ModelVersion) },
        new(Put, ApiPaths.Alias, "putAlias", "Sets or moves an alias") { Body = typeof(SetAlias), Answer = typeof(AliasView) },
        new(Delete, ApiPaths.Alias, "deleteAlias", "Deletes an alias"),
        new(Get, ApiPaths.Export, "exportModel", "A model with all versions as one archive") { RawAnswer = "application/x-tar" },
        new(Post, ApiPaths.Import, "importModel", "Takes an archive in, as a model of its own or of another name") { RawBodies = ["application/x-tar", "application/gzip"], Answer = typeof(ImportedModel), Status = 201, Query = ["as"] },
        new(Post, ApiPaths.Apply, "apply", "Makes the models so as a document says, or says what that would change") { RawBodies = ["application/yaml"], Answer = typeof(ApplyResult), Query = ["dryRun"] },
    ];

    private static IEnumerable<ApiOperation> Versions() =>
    [
        new(Get, ApiPaths.Versions, "listVersions", "The versions of a model, in pages") { Answer = typeof(IReadOnlyList<ModelVersion>), Query = ["tag", .. Paging] },
        new(Post, ApiPaths.Versions, "registerVersion", "Registers a version: an uploaded graph, a multipart upload of several files, or the place where they lie")
        {
            Body = typeof(StoredVersion), RawBodies = [Bytes, "multipart/form-data"], Answer = typeof(ModelVersion), Status = 201,
        },
        new(Get, ApiPaths.Version, "getVersion", "One version") { Answer = typeof(ModelVersion) },
        new(Patch, ApiPaths.Version, "patchVersion", "Changes a version's description and tags") { Body = typeof(WordsBody), Answer = typeof(ModelVersion) },
        new(Delete, ApiPaths.Version, "deleteVersion", "Deletes a version, unless it is in use"),
        new(Get, ApiPaths.Upload, "getUpload", "How far an announced upload is") { Answer = typeof(UploadProgress) },
        new(Get, ApiPaths.Blob, "getBlob", "A file by its digest, whole or in ranges") { RawAnswer = Bytes },
        new(Get, ApiPaths.BlobUsage, "getBlobUsage", "What the blob store holds") { Answer = typeof(BlobUsage) },
        new(Post, ApiPaths.CollectBlobs, "collectBlobs", "Deletes blobs that no version names, or says which") { Answer = typeof(BlobCollection) },
    ];

    private static IEnumerable<ApiOperation> Rollouts() =>
    [
        new(Get, ApiPaths.AllServing, "listServing", "The serving states of all models") { Answer = typeof(IReadOnlyList<ServingState>) },
        new(Get, ApiPaths.Serving, "getServing", "The serving state of a model") { Answer = typeof(ServingState) },
        new(Put, ApiPaths.Serving, "putServing", "Makes a version stable outright") { Body = typeof(SetStable), Answer = typeof(ServingState) },
        new(Delete, ApiPaths.Serving, "deleteServing", "Stops serving a model") { Answer = typeof(ServingState) },
        new(Get, ApiPaths.Rollouts, "listRollouts", "All rollouts that are not closed") { Answer = typeof(IReadOnlyList<Rollout>) },
        new(Get, ApiPaths.ModelRollouts, "listModelRollouts", "A model's rollouts, newest first") { Answer = typeof(IReadOnlyList<Rollout>) },
        new(Post, ApiPaths.ModelRollouts, "startRollout", "Starts a rollout; refused with the figures when gates or signature forbid it") { Body = typeof(StartRollout), Answer = typeof(Rollout), Status = 201 },
        new(Get, ApiPaths.Rollout, "getRollout", "One rollout; wait=60s waits for its end") { Answer = typeof(Rollout) },
        new(Get, ApiPaths.RolloutEvents, "listRolloutEvents", "What happened to a rollout") { Answer = typeof(IReadOnlyList<RolloutEvent>) },
        new(Post, ApiPaths.RolloutOrder, "orderRollout", "An order of a person: pause, resume, approve, promote, rollback") { Body = typeof(RolloutOrder), IsBodyOptional = true, Answer = typeof(Rollout) },
        new(Post, ApiPaths.RolloutVerdict, "proposeVerdict", "A verdict of the judge") { Body = typeof(VerdictProposal), Answer = typeof(Rollout) },
        new(Get, ApiPaths.RolloutEvidence, "getEvidence", "The evidence log, in pages") { Answer = typeof(EvidencePage) },
        new(Post, ApiPaths.RolloutEvidence, "appendEvidence", "Appends to the evidence log, if nobody else did") { Body = typeof(EvidenceAppend) },
        new(Get, ApiPaths.RolloutExplain, "explainRollout", "Why the judge concluded what it did, recomputed from the evidence; format=text for people") { Answer = typeof(RolloutExplanation), Query = ["format"] },
        new(Get, ApiPaths.RolloutWhatIf, "tryRolloutSettings", "What other settings would have concluded from the same evidence") { Answer = typeof(WhatIfAnswer), Query = ["format", .. SettingsQuery.Names] },
        new(Post, ApiPaths.RolloutForecast, "forecastRollout", "What a rollout would take and risk at a given or observed traffic, and what would refuse it; nothing is started") { Body = typeof(StartRollout), Answer = typeof(PlanForecast), Query = ["format"] },
        new(Get, ApiPaths.Lease, "getLease", "Who holds a lease") { Answer = typeof(Lease) },
        new(Put, ApiPaths.Lease, "putLease", "Takes, keeps or gives back a lease") { Body = typeof(LeaseRequest), Answer = typeof(Lease) },
    ];

    private static IEnumerable<ApiOperation> Services() =>
    [
        new(Get, ApiPaths.Watch, "watch", "Server-sent events: one a revision, a snapshot first unless the revision can be gone on from") { RawAnswer = "text/event-stream" },
        new(Get, ApiPaths.Replicas, "listReplicas", "Replicas with their soft state") { Answer = typeof(IReadOnlyList<ReplicaView>) },
        new(Put, ApiPaths.Replica, "reportReplica", "A replica's report") { Body = typeof(ReplicaReport) },
        new(Delete, ApiPaths.Replica, "removeReplica", "A replica's goodbye"),
        new(Get, ApiPaths.Gateways, "listGateways", "Gateways with their soft state") { Answer = typeof(IReadOnlyList<GatewayView>) },
        new(Put, ApiPaths.Gateway, "reportGateway", "A gateway's report") { Body = typeof(GatewayReport) },
        new(Delete, ApiPaths.Gateway, "removeGateway", "A gateway's goodbye"),
    ];

    private static IEnumerable<ApiOperation> Administration() =>
    [
        new(Get, ApiPaths.Keys, "listKeys", "API keys, without their secrets") { Answer = typeof(IReadOnlyList<ApiKeyView>) },
        new(Post, ApiPaths.Keys, "createKey", "Makes an API key; its secrets are in the answer and never again") { Body = typeof(NewApiKey), Answer = typeof(CreatedApiKey), Status = 201 },
        new(Get, ApiPaths.Key, "getKey", "One API key, without its secrets") { Answer = typeof(ApiKeyView) },
        new(Delete, ApiPaths.Key, "deleteKey", "Deletes an API key: it is accepted no more"),
        new(Post, ApiPaths.RegenerateKey, "regenerateKey", "Replaces one of a key's two secrets") { Answer = typeof(RegeneratedSecret) },
        new(Put, ApiPaths.KeyRateLimit, "putKeyRateLimit", "Sets how fast inference by a key may come") { Body = typeof(RateLimit), Answer = typeof(ApiKeyView) },
        new(Delete, ApiPaths.KeyRateLimit, "deleteKeyRateLimit", "Lets inference by a key come as fast as can be") { Answer = typeof(ApiKeyView) },
        new(Post, ApiPaths.Token, "issueToken", "Makes a short-lived token for a model of a key") { Answer = typeof(AccessToken) },
        new(Get, ApiPaths.TokenKeys, "getTokenKeys", "The public keys that tokens are verified with") { Answer = typeof(TokenKeySet) },
        new(Get, ApiPaths.WellKnownTokenKeys, "getWellKnownTokenKeys", "The same, where some libraries look for it") { Answer = typeof(TokenKeySet) },
        new(Post, ApiPaths.ReplaceTokenKeys, "replaceTokenKeys", "Forgets the keys that tokens are signed with, and so ends all tokens"),
        new(Get, ApiPaths.Audit, "listAudit", "The audit log, in pages") { Answer = typeof(AuditPage) },
        new(Get, ApiPaths.AuditExport, "exportAudit", "The audit log as JSON lines") { RawAnswer = "application/x-ndjson" },
    ];
}
