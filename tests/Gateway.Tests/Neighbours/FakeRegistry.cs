using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>Stands in for the Registry: the watch, the reports, and an answer that tells what else was asked.</summary>
public sealed class FakeRegistry : LoopbackServer
{
    private readonly string _storeId = Guid.NewGuid().ToString("N");
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Kind, string Key), JsonElement> _objects = [];
    private readonly List<Channel<WatchEvent>> _watchers = [];
    private long _revision;

    /// <summary>The newest report of each gateway.</summary>
    public ConcurrentDictionary<string, GatewayReport> Reports { get; } = new();

    public ConcurrentQueue<string> Goodbyes { get; } = new();

    /// <summary>Requests that only passed through the gateway.</summary>
    public ConcurrentQueue<(string Path, string Host, string Authorization, long Bytes)> Passed { get; } = new();

    /// <summary>How it answers what only passed through the gateway.</summary>
    public RequestDelegate? Other { get; set; }

    public long Revision => Interlocked.Read(ref _revision);

    public static async Task<FakeRegistry> RunAsync()
    {
        var registry = new FakeRegistry();
        await registry.StartAsync();
        return registry;
    }

    /// <summary>Registers a version with one FP32 input x and one output y.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The number.</param>
    /// <param name="labels">Of a classifier, the names of its classes.</param>
    public ModelVersion Register(string model, int version, params string[] labels)
    {
        var registered = NewVersion(model, version) with { Labels = labels };
        Publish(Change(ObjectKinds.Version, ObjectKinds.VersionKey(model, version), JsonSerializer.SerializeToElement(registered, ContractsJson.Default.ModelVersion)));
        return registered;
    }

    public void Serve(string model, int? stable, int? previous = null, long generation = 1) => Publish(Change(
        ObjectKinds.Serving,
        model,
        JsonSerializer.SerializeToElement(
            new ServingState { Model = model, Generation = generation, Stable = stable, Previous = previous }, ContractsJson.Default.ServingState)));

    /// <summary>Gives a canary a weight, in basis points.</summary>
    public void Split(string model, int stable, int canary, int weight, Stickiness? stickiness = null, long generation = 2) => Serve(new ServingState
    {
        Model = model,
        Generation = generation,
        Stable = stable,
        Canary = canary,
        CanaryWeight = new Weight(weight),
        Rollout = $"{model}.1",
        Stickiness = stickiness,
    });

    public void Serve(ServingState serving) =>
        Publish(Change(ObjectKinds.Serving, serving.Model, JsonSerializer.SerializeToElement(serving, ContractsJson.Default.ServingState)));

    /// <summary>Opens a rollout of version 2 with a limit of its latency, in seconds; or closes it.</summary>
    public void Rollout(string model, double? maxLatencySeconds) => Publish(Change(
        ObjectKinds.Rollout,
        model,
        maxLatencySeconds is { } limit ? JsonSerializer.SerializeToElement(NewRollout(model, limit), ContractsJson.Default.Rollout) : null));

    public static Rollout NewRollout(string model, double maxLatencySeconds) => new()
    {
        Id = $"{model}.1",
        Model = model,
        Generation = 1,
        Stable = 1,
        Canary = 2,
        StableDigest = DigestOf(model, 1),
        CanaryDigest = DigestOf(model, 2),
        Profile = "custom",
        Plan = new RolloutPlan
        {
            Steps = [new RolloutStep(new Weight(500))],
            PrepareTimeoutSeconds = 60,
            PromoteTimeoutSeconds = 60,
            KeepPreviousSeconds = 60,
            MaxStepAgeSeconds = 60,
            Analysis = new RolloutAnalysis(MaxLatencySeconds: maxLatencySeconds),
        },
        Phase = RolloutPhase.Progressing,
        PhaseSince = DateTimeOffset.UnixEpoch,
        StepEntered = DateTimeOffset.UnixEpoch,
        Reason = "started",
        Actor = "test",
        StartedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Removes a model's serving state and versions from what is watched.</summary>
    public void Forget(string model, params int[] versions)
    {
        Publish(Change(ObjectKinds.Serving, model, null));
        foreach (var version in versions)
        {
            Publish(Change(ObjectKinds.Version, ObjectKinds.VersionKey(model, version), null));
        }
    }

    /// <summary>A replica tells which versions it has, as <c>("wine", 1, VersionState.Ready)</c>.</summary>
    /// <summary>A canary with a share beside the stable version.</summary>
    public void Canary(string model, int stable, int canary, int basisPoints, long generation = 2) => Publish(Change(
        ObjectKinds.Serving,
        model,
        JsonSerializer.SerializeToElement(
            new ServingState { Model = model, Generation = generation, Stable = stable, Canary = canary, CanaryWeight = new Weight(basisPoints), Rollout = $"{model}.1" },
            ContractsJson.Default.ServingState)));

    public void Report(FakePredictor replica, params (string Model, int Version, VersionState State)[] versions) =>
        Report(replica.Id, replica.Address, replica.GrpcAddress, replica.Pool, versions);

    public void Report(string id, Uri address, params (string Model, int Version, VersionState State)[] versions) =>
        Report(id, address, null, Pools.Stable, versions);

    private void Report(string id, Uri address, Uri? grpcAddress, string pool, (string Model, int Version, VersionState State)[] versions)
    {
        var status = new ReplicaStatus
        {
            Id = id,
            Pool = pool,
            Address = address.GetLeftPart(UriPartial.Authority),
            GrpcAddress = grpcAddress?.GetLeftPart(UriPartial.Authority),
            Device = "cpu",
            Versions = [.. versions.Select(version => new ReplicaVersion(version.Model, version.Version, DigestOf(version.Model, version.Version), version.State))],
        };
        Publish(Change(ObjectKinds.Replica, id, JsonSerializer.SerializeToElement(status, ContractsJson.Default.ReplicaStatus)));
    }

    /// <summary>Makes a key known, or what changed of it.</summary>
    public void Key(ApiKey key) => Publish(Change(ObjectKinds.Key, key.Name, JsonSerializer.SerializeToElement(key, ContractsJson.Default.ApiKey)));

    public void DeleteKey(string name) => Publish(Change(ObjectKinds.Key, name, null));

    /// <summary>Makes the public keys of tokens known.</summary>
    public void TokenKeys(TokenKeySet keys) => Publish(Change(ObjectKinds.TokenKeys, "current", JsonSerializer.SerializeToElement(keys, ContractsJson.Default.TokenKeySet)));

    /// <summary>Tells of another gateway.</summary>
    public void Gateway(string id) => Publish(Change(
        ObjectKinds.Gateway, id, JsonSerializer.SerializeToElement(new GatewayStatus { Id = id, Address = "http://127.0.0.1:1" }, ContractsJson.Default.GatewayStatus)));

    public void Expire(string replica) => Publish(Change(ObjectKinds.Replica, replica, null));

    public static string DigestOf(string model, int version) =>
        VersionDigest.Of([new ModelFile($"{model}-{version}.onnx", VersionDigest.Prefix + new string('a', 64), 1)]);

    public static ModelVersion NewVersion(string model, int version) => new()
    {
        Model = model,
        Version = version,
        Digest = DigestOf(model, version),
        ModelPath = "model.onnx",
        Files = [],
        Signature = new ModelSignature([new TensorSpec("x", Datatype.Fp32, [-1, 13])], [new TensorSpec("y", Datatype.Fp32, [-1, 3])]),
        Opset = 17,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    protected override Task AnswerAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value!) switch
    {
        ("GET", ApiPaths.Watch) => WatchAsync(context),
        ("PUT", var path) when path.StartsWith(ApiPaths.Gateways, StringComparison.Ordinal) => TakeReportAsync(context, path),
        ("DELETE", var path) when path.StartsWith(ApiPaths.Gateways, StringComparison.Ordinal) => TakeGoodbye(path),
        _ => TakeOtherAsync(context),
    };

    private static WatchChange Change(string kind, string key, JsonElement? value) => new(kind, key, value);

    private void Publish(WatchChange change)
    {
        lock (_lock)
        {
            _revision++;
            if (change.Value is { } value)
            {
                _objects[(change.Kind, change.Key)] = value;
            }
            else
            {
                _objects.Remove((change.Kind, change.Key));
            }

            var next = new WatchEvent(_storeId, _revision, IsSnapshot: false, [change]);
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(next));
        }
    }

    private async Task WatchAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        var watcher = Channel.CreateUnbounded<WatchEvent>();
        lock (_lock)
        {
            WatchChange[] objects = [.. _objects.Select(each => Change(each.Key.Kind, each.Key.Key, each.Value))];
            watcher.Writer.TryWrite(new WatchEvent(_storeId, _revision, IsSnapshot: true, objects));
            _watchers.Add(watcher);
        }

        try
        {
            await foreach (var next in watcher.Reader.ReadAllAsync(context.RequestAborted))
            {
                var type = next.IsSnapshot ? WatchEventTypes.Snapshot : WatchEventTypes.Change;
                var data = JsonSerializer.Serialize(next, ContractsJson.Default.WatchEvent);
                await context.Response.WriteAsync($"event: {type}\nid: {next.Revision}\ndata: {data}\n\n", context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or this server stops.
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    private async Task TakeReportAsync(HttpContext context, string path)
    {
        var report = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.GatewayReport);
        Reports[IdOf(path)] = report!;
    }

    private Task TakeGoodbye(string path)
    {
        Goodbyes.Enqueue(IdOf(path));
        return Task.CompletedTask;
    }

    private async Task TakeOtherAsync(HttpContext context)
    {
        if (Other is { } other)
        {
            await other(context);
            return;
        }

        var counter = new CountingStream();
        await context.Request.Body.CopyToAsync(counter);
        Passed.Enqueue((context.Request.Path, context.Request.Host.ToString(), context.Request.Headers.Authorization.ToString(), counter.Bytes));
        await context.Response.WriteAsync("passed");
    }

    private static string IdOf(string path) => Uri.UnescapeDataString(path[(ApiPaths.Gateways.Length + 1)..]);
}
