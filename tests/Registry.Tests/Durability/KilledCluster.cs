using Sluice.Contracts;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Durability;

/// <summary>Registries as processes, with writers and watchers that go on whatever is killed.</summary>
internal sealed class KilledCluster : IAsyncDisposable
{
    private const int Writers = 3;
    private const int Watchers = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _data = new();
    private readonly RegistryProcess?[] _registries;
    private readonly Task[] _starting; // so that a test that fails leaves no process behind
    private readonly (string, string?)[] _settings;
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly CancellationTokenSource _stopWatching = new();
    private readonly ServingWriter[] _writers;
    private readonly RevisionWatcher[] _watchers;
    private Task _writing = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    private KilledCluster(int registries, (string, string?)[] settings)
    {
        _registries = new RegistryProcess?[registries];
        _starting = [.. Enumerable.Repeat(Task.CompletedTask, registries)];
        _settings = [.. settings, ("Registry__HistoryLength", "100000")];
        _writers = [.. Enumerable.Range(0, Writers).Select(n => new ServingWriter($"m{n}", Pick))];
        _watchers = [.. Enumerable.Range(0, Watchers).Select(_ => new RevisionWatcher(Pick))];
    }

    public TemporaryFolder Data => _data;

    /// <summary>Commands that were acknowledged.</summary>
    public long Writes => _writers.Sum(writer => writer.Acknowledged);

    public static async Task<KilledCluster> StartAsync(int registries, params (string, string?)[] settings)
    {
        var cluster = new KilledCluster(registries, settings);
        for (var i = 0; i < registries; i++)
        {
            await cluster.RestartAsync(i);
        }

        foreach (var writer in cluster._writers)
        {
            await cluster.Pick()!.RegisterAsync(writer.Model, OnnxModels.Scale(1, -1));
            await cluster.Pick()!.RegisterAsync(writer.Model, OnnxModels.Scale(2, -1));
        }

        cluster._writing = Task.WhenAll(cluster._writers.Select(writer => writer.RunAsync(cluster._stopWriting.Token)));
        cluster._watching = Task.WhenAll(cluster._watchers.Select(watcher => watcher.RunAsync(cluster._stopWatching.Token)));
        return cluster;
    }

    /// <summary>Waits until so many more commands were acknowledged; fails when a writer or a watcher found something wrong.</summary>
    public async Task WriteAsync(int more)
    {
        var goal = Writes + more;
        await Eventually.BecomesTrueAsync(() => Writes >= goal || _writing.IsCompleted || _watching.IsCompleted, Patience);
        await ThrowIfEndedAsync();
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(int index)
    {
        if (Interlocked.Exchange(ref _registries[index], null) is { } registry)
        {
            await registry.KillAsync();
            await registry.DisposeAsync();
        }
    }

    public Task RestartAsync(int index)
    {
        return _starting[index] = StartAsync();

        // Its store may be killed while it starts: it ends with an exit code then, and whoever looks after it starts it again.
        async Task StartAsync()
        {
            for (var attempt = 1; _registries[index] is null; attempt++)
            {
                try
                {
                    _registries[index] = await RegistryProcess.StartAsync(_data.PathOf($"registry-{index}"), _settings);
                }
                catch (Exception exception) when (attempt < 5 && exception.Message.Contains("Cannot start: Redis", StringComparison.Ordinal))
                {
                }
            }
        }
    }

    /// <summary>Ends the writers, waits until every watcher heard of everything, and looks whether all that was acknowledged is there.</summary>
    public async Task VerifyAsync(Func<IStore> openStore)
    {
        await WriteAsync(Writers);
        await _stopWriting.CancelAsync();
        await _writing;
        foreach (var writer in _writers)
        {
            Assert.True(await writer.TryLookAsync(Pick()!));
        }

        var last = await LastRevisionAsync();
        await Eventually.BecomesTrueAsync(() => _watching.IsCompleted || _watchers.All(watcher => watcher.Revision == last), Patience);
        await ThrowIfEndedAsync();
        for (var i = 0; i < _registries.Length; i++)
        {
            await KillAsync(i);
        }

        var store = openStore();
        using var closing = store as IDisposable;
        var position = await store.GetPositionAsync(default);
        Assert.Equal(new StorePosition(last, 0), position);
        Assert.All(_watchers, watcher => Assert.Equal(1, watcher.Snapshots)); // the first: nothing was compacted

        var (records, _) = await new AuditLog(store, TimeProvider.System).ReadAsync(0, int.MaxValue, default);
        foreach (var writer in _writers)
        {
            var entry = await store.GetAsync(StoreKeys.Serving(writer.Model), default);
            var state = System.Text.Json.JsonSerializer.Deserialize(entry!.Value.Span, ContractsJson.Default.ServingState)!;
            Assert.InRange(state.Generation, writer.Acknowledged, writer.Acknowledged + 1);

            // The entry in the audit log and the state are one batch: no half of it, no second time.
            Assert.Equal(state.Generation, records.Count(record => record.Action == "serving.set" && record.Model == writer.Model));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopWriting.CancelAsync();
        await _stopWatching.CancelAsync();
        await Record.ExceptionAsync(() => Task.WhenAll([_writing, _watching, .. _starting]));
        for (var i = 0; i < _registries.Length; i++)
        {
            await KillAsync(i);
        }

        _stopWriting.Dispose();
        _stopWatching.Dispose();
        _data.Dispose();
    }

    // A new watch begins with a snapshot of the newest revision.
    private async Task<long> LastRevisionAsync()
    {
        await foreach (var watchEvent in new RegistryClient(Pick()!).WatchAsync(0, null, TestContext.Current.CancellationToken))
        {
            return watchEvent!.Revision;
        }

        throw new InvalidOperationException("The watch ended.");
    }

    private async Task ThrowIfEndedAsync()
    {
        if (!_stopWriting.IsCancellationRequested && _writing.IsCompleted)
        {
            // What the Registries said may explain it.
            foreach (var registry in _registries.OfType<RegistryProcess>())
            {
                TestContext.Current.TestOutputHelper?.WriteLine(registry.Output);
            }

            await _writing;
        }

        if (_watching.IsCompleted)
        {
            await _watching;
        }
    }

    // Any that runs; null when none does.
    private HttpClient? Pick()
    {
        var running = _registries.OfType<RegistryProcess>().ToArray();
        return running.Length == 0 ? null : running[Random.Shared.Next(running.Length)].Http;
    }
}
