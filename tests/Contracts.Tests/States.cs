using System.Text.Json;

namespace Sluice.Contracts.Tests;

/// <summary>Objects for tests.</summary>
internal static class States
{
    public static readonly string Digest = VersionDigest.Prefix + new string('0', 64);

    public static ModelVersion Version(string model, int version) => new()
    {
        Model = model,
        Version = version,
        Digest = Digest,
        ModelPath = "model.onnx",
        Files = [new ModelFile("model.onnx", Digest, 1)],
        Signature = new ModelSignature([new TensorSpec("x", Datatype.Fp32, [-1])], [new TensorSpec("y", Datatype.Fp32, [-1])]),
        Opset = 17,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    public static ReplicaStatus Replica(string id) => new() { Id = id, Pool = Pools.Stable, Address = "http://r", Device = "cpu" };

    public static ReplicaReport Report(int device = 0) => new() { Pool = Pools.Stable, Address = "http://127.0.0.1:9000", Device = $"cpu:{device}" };

    public static WatchChange Change<T>(string kind, string key, T value) =>
        new(kind, key, JsonSerializer.SerializeToElement(value, typeof(T), ContractsJson.Default));

    /// <summary>A state of one store with one model that is served.</summary>
    public static ClusterState Of(string storeId, long revision) => ClusterState.Empty.Apply(new WatchEvent(storeId, revision, IsSnapshot: true,
    [
        Change(ObjectKinds.Version, "wine/1", Version("wine", 1)),
        Change(ObjectKinds.Serving, "wine", new ServingState { Model = "wine", Generation = 1, Stable = 1 }),
    ]));
}
