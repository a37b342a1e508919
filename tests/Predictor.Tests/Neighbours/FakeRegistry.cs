using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Contracts;

namespace Sluice.Predictor.Tests.Neighbours;

/// <summary>
/// Stands in for the Registry on a real socket of 127.0.0.1: the watch (each change as a new snapshot), blobs, replica reports. Can be stopped and
/// started again on the same port.
/// </summary>
public sealed class FakeRegistry : IAsyncDisposable
{
    private readonly string _storeId = Guid.NewGuid().ToString("N");
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Kind, string Key), JsonElement> _objects = [];
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision;
    private WebApplication? _app;
    private int _port;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>All reports, in order.</summary>
    public ConcurrentQueue<(string Id, ReplicaReport Report)> Reports { get; } = new();

    public ConcurrentQueue<string> Goodbyes { get; } = new();

    /// <summary>Digests that were fetched, in order.</summary>
    public ConcurrentQueue<string> Fetches { get; } = new();

    /// <summary>What is done to a blob on its way out; null for nothing.</summary>
    public Func<byte[], byte[]>? Tamper { get; set; }

    /// <summary>Held back blobs wait for this.</summary>
    public Task BlobGate { get; set; } = Task.CompletedTask;

    public static async Task<FakeRegistry> RunAsync()
    {
        var registry = new FakeRegistry();
        await registry.StartAsync();
        return registry;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, _port));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        _app = builder.Build();
        _app.MapGet(ApiPaths.Watch, WatchAsync);
        _app.MapGet(ApiPaths.Blob, SendBlobAsync);
        _app.MapPut(ApiPaths.Replica, TakeReportAsync);
        _app.MapDelete(ApiPaths.Replica, (string id) => Goodbyes.Enqueue(id));
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    /// <summary>Registers a version of a single file.</summary>
    public ModelVersion Register(string model, int version, byte[] onnx) => Register(model, version, "model.onnx", ("model.onnx", onnx));

    /// <summary>Registers a version of several files.</summary>
    public ModelVersion Register(string model, int version, string modelPath, params (string Path, byte[] Content)[] files)
    {
        ModelFile[] listed = [.. files.Select(file => new ModelFile(file.Path, Store(file.Content), file.Content.Length))];
        var registered = new ModelVersion
        {
            Model = model,
            Version = version,
            Digest = VersionDigest.Of(listed),
            ModelPath = modelPath,
            Files = listed,
            Signature = new ModelSignature([], []),
            Opset = 17,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        Publish(registered);
        return registered;
    }

    /// <summary>Assigns versions to the stable pool, the first of them as the stable one; none takes all away.</summary>
    public void Assign(string model, params int[] versions) =>
        Assign(new ServingState
        {
            Model = model,
            Generation = 1,
            Stable = versions.Length > 0 ? versions[0] : null,
            Previous = versions.Length > 1 ? versions[1] : null,
            Assignments = [.. versions.Select(version => new PoolAssignment(Pools.Stable, version))],
        });

    public void Assign(ServingState serving) =>
        Publish(ObjectKinds.Serving, serving.Model, JsonSerializer.SerializeToElement(serving, ContractsJson.Default.ServingState));

    /// <summary>Registers and assigns.</summary>
    public ModelVersion Serve(
        string model, byte[] onnx, int version = 1, InferenceSettings? settings = null, IReadOnlyList<string>? labels = null, GoldenVector[]? golden = null)
    {
        var vectors = golden is null ? null : JsonSerializer.SerializeToUtf8Bytes(golden, ContractsJson.Default.IReadOnlyListGoldenVector);
        var registered = Register(model, version, onnx) with
        {
            Settings = settings,
            Labels = labels ?? [],
            Golden = vectors is null ? null : new ModelFile("golden.json", Store(vectors), vectors.Length),
        };
        Publish(registered);
        Assign(model, version);
        return registered;
    }

    /// <summary>A version that was registered.</summary>
    public ModelVersion FindVersion(string model, int version = 1)
    {
        lock (_lock)
        {
            return _objects[(ObjectKinds.Version, ObjectKinds.VersionKey(model, version))].Deserialize(ContractsJson.Default.ModelVersion)!;
        }
    }

    /// <summary>Takes a model away from the pool.</summary>
    public void Withdraw(string model) => Assign(model);

    /// <summary>What a replica last said of a version; null when it did not name it.</summary>
    public ReplicaVersion? LastWord(string model, int version = 1, string? replica = null) =>
        Reports.LastOrDefault(report => replica is null || report.Id == replica).Report?.Versions
            .FirstOrDefault(each => each.Model == model && each.Version == version);

    private void Publish(ModelVersion version) => Publish(
        ObjectKinds.Version, ObjectKinds.VersionKey(version.Model, version.Version), JsonSerializer.SerializeToElement(version, ContractsJson.Default.ModelVersion));

    private string Store(byte[] content)
    {
        var digest = VersionDigest.FromHash(SHA256.HashData(content));
        _blobs[digest] = content;
        return digest;
    }

    private void Publish(string kind, string key, JsonElement value)
    {
        lock (_lock)
        {
            _revision++;
            _objects[(kind, key)] = value;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task WatchAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        try
        {
            while (true)
            {
                WatchEvent snapshot;
                Task changed;
                lock (_lock)
                {
                    snapshot = new WatchEvent(_storeId, _revision, IsSnapshot: true, [.. _objects.Select(each => new WatchChange(each.Key.Kind, each.Key.Key, each.Value))]);
                    changed = _changed.Task;
                }

                var data = JsonSerializer.Serialize(snapshot, ContractsJson.Default.WatchEvent);
                await context.Response.WriteAsync($"event: {WatchEventTypes.Snapshot}\nid: {snapshot.Revision}\ndata: {data}\n\n", context.RequestAborted);
                await changed.WaitAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or this server stops.
        }
    }

    private async Task SendBlobAsync(HttpContext context, string digest)
    {
        Fetches.Enqueue(digest);
        await BlobGate;
        if (!_blobs.TryGetValue(digest, out var content))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        content = Tamper?.Invoke(content) ?? content;
        await context.Response.Body.WriteAsync(content);
    }

    private async Task TakeReportAsync(HttpContext context, string id)
    {
        var report = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.ReplicaReport);
        Reports.Enqueue((id, report!));
    }
}
