namespace Sluice.Contracts;

/// <summary>Paths of the Registry's API. Parts in braces are route parameters.</summary>
public static class ApiPaths
{
    /// <summary>GET: models, in pages; by name, tag or alias.</summary>
    public const string Models = "/api/models";

    /// <summary>GET: one model with its serving state. PUT: create or describe it. PATCH: description and tags. DELETE: with all versions.</summary>
    public const string Model = "/api/models/{model}";

    /// <summary>POST: register a version by streamed upload. GET: list them, in pages.</summary>
    public const string Versions = "/api/models/{model}/versions";

    /// <summary>GET: one version. PATCH: description and tags. DELETE: it goes, unless it serves.</summary>
    public const string Version = "/api/models/{model}/versions/{version}";

    /// <summary>GET: the aliases of a model.</summary>
    public const string Aliases = "/api/models/{model}/aliases";

    /// <summary>GET: the version that an alias stands for. PUT: set or move it. DELETE: it goes.</summary>
    public const string Alias = "/api/models/{model}/aliases/{alias}";

    /// <summary>GET, PUT: what a version must pass before a rollout of it may start.</summary>
    public const string Gates = "/api/models/{model}/gates";

    /// <summary>GET: how far an announced upload is.</summary>
    public const string Upload = "/api/uploads/{id}";

    /// <summary>POST: makes the models so as a document describes them.</summary>
    public const string Apply = "/api/apply";

    /// <summary>GET: the serving state. PUT: set the stable version. DELETE: serve the model no more.</summary>
    public const string Serving = "/api/models/{model}/serving";

    /// <summary>GET: the serving states of all models.</summary>
    public const string AllServing = "/api/serving";

    /// <summary>GET: a blob by digest (<c>sha256:</c> and 64 hex digits).</summary>
    public const string Blob = "/api/blobs/{digest}";

    /// <summary>GET: a model with all its versions and their files, as one tar archive.</summary>
    public const string Export = "/api/models/{model}/export";

    /// <summary>POST: makes a model of such an archive. <c>?as=name</c> calls it otherwise.</summary>
    public const string Import = "/api/models/import";

    /// <summary>GET: what the blob store holds, and how much of it no version names.</summary>
    public const string BlobUsage = "/api/blobs/usage";

    /// <summary>POST: deletes blobs that no version names. <c>?dryRun=true</c> only says which.</summary>
    public const string CollectBlobs = "/api/blobs/collect";

    /// <summary>GET: replicas with their soft state.</summary>
    public const string Replicas = "/api/replicas";

    /// <summary>PUT: a replica's report. DELETE: its goodbye.</summary>
    public const string Replica = "/api/replicas/{id}";

    /// <summary>GET: gateways with their soft state.</summary>
    public const string Gateways = "/api/gateways";

    /// <summary>PUT: a gateway's report. DELETE: its goodbye.</summary>
    public const string Gateway = "/api/gateways/{id}";

    /// <summary>GET: API keys, without their secrets. POST: makes one.</summary>
    public const string Keys = "/api/keys";

    /// <summary>GET: one key. DELETE: it is accepted no more.</summary>
    public const string Key = "/api/keys/{name}";

    /// <summary>POST: replaces one of a key's secrets.</summary>
    public const string RegenerateKey = "/api/keys/{name}/regenerate";

    /// <summary>PUT: how fast inference by a key may come. DELETE: as fast as can be.</summary>
    public const string KeyRateLimit = "/api/keys/{name}/rate-limit";

    /// <summary>POST: makes a token for a model of a key.</summary>
    public const string Token = "/api/models/{model}/token";

    /// <summary>GET: the public keys that tokens are verified with.</summary>
    public const string TokenKeys = "/api/jwks.json";

    /// <summary>GET: the same, where some libraries look for it.</summary>
    public const string WellKnownTokenKeys = "/.well-known/jwks.json";

    /// <summary>POST: forgets the keys that tokens are signed with, and so ends all tokens.</summary>
    public const string ReplaceTokenKeys = "/api/jwks/replace";

    /// <summary>GET: the audit log, page by page.</summary>
    public const string Audit = "/api/audit";

    /// <summary>GET: the audit log as JSON lines.</summary>
    public const string AuditExport = "/api/audit/export";

    /// <summary>POST: start a rollout. GET: the model's rollouts, newest first.</summary>
    public const string ModelRollouts = "/api/models/{model}/rollouts";

    /// <summary>GET: all rollouts that are not closed.</summary>
    public const string Rollouts = "/api/rollouts";

    /// <summary>GET: one rollout, by its id: the model, a dot, the number; <c>?wait=60s</c> waits for its end.</summary>
    public const string Rollout = "/api/rollouts/{model}.{number:int}";

    /// <summary>GET: what happened to a rollout.</summary>
    public const string RolloutEvents = "/api/rollouts/{model}.{number:int}/events";

    /// <summary>POST: an order of a person: pause, resume, approve, promote, rollback.</summary>
    public const string RolloutOrder = "/api/rollouts/{model}.{number:int}/{order}";

    /// <summary>POST: a verdict of the judge.</summary>
    public const string RolloutVerdict = "/api/rollouts/{model}.{number:int}/verdict";

    /// <summary>GET, POST: the evidence log.</summary>
    public const string RolloutEvidence = "/api/rollouts/{model}.{number:int}/evidence";

    /// <summary>GET: why the judge concluded what it did, recomputed from the evidence; <c>?format=text</c> for people.</summary>
    public const string RolloutExplain = "/api/rollouts/{model}.{number:int}/explain";

    /// <summary>GET: what other settings would have concluded from the same evidence.</summary>
    public const string RolloutWhatIf = "/api/rollouts/{model}.{number:int}/whatif";

    /// <summary>POST: how long a rollout would take and what it would risk, and what would refuse it. Nothing is started.</summary>
    public const string RolloutForecast = "/api/models/{model}/rollouts/forecast";

    /// <summary>PUT: take, keep or give back a lease. GET: who has it.</summary>
    public const string Lease = "/api/leases/{name}";

    /// <summary>GET: the OpenAPI document of all this.</summary>
    public const string Document = "/api/openapi.json";

    /// <summary>GET: server-sent events, one a revision.</summary>
    public const string Watch = "/api/watch";

    /// <summary>The path of one model.</summary>
    public static string ForModel(string model) => $"{Models}/{Uri.EscapeDataString(model)}";

    /// <summary>The path of one version.</summary>
    public static string ForVersion(string model, int version) => string.Create(null, $"{Models}/{Uri.EscapeDataString(model)}/versions/{version}");

    /// <summary>The path of one rollout.</summary>
    public static string ForRollout(string id) => $"{Rollouts}/{Uri.EscapeDataString(id)}";

    /// <summary>The path of one lease.</summary>
    public static string ForLease(string name) => $"/api/leases/{Uri.EscapeDataString(name)}";

    /// <summary>The path of one replica.</summary>
    public static string ForReplica(string id) => $"{Replicas}/{Uri.EscapeDataString(id)}";

    /// <summary>The path of one gateway.</summary>
    public static string ForGateway(string id) => $"{Gateways}/{Uri.EscapeDataString(id)}";

    /// <summary>The path of one API key.</summary>
    public static string ForKey(string name) => $"{Keys}/{Uri.EscapeDataString(name)}";

    /// <summary>The path of one blob.</summary>
    public static string ForBlob(string digest) => $"/api/blobs/{Uri.EscapeDataString(digest)}";

    /// <summary>The path and query of a watch that goes on after a revision of a store.</summary>
    public static string ForWatch(long after, string? storeId) => storeId is null
        ? Watch
        : $"{Watch}?after={after}&store={Uri.EscapeDataString(storeId)}";
}
