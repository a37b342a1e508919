using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Durability;

/// <summary>Watches for ever, from whichever Registry answers, and makes sure that it hears every revision once, in order, and every generation of each model.</summary>
internal sealed class RevisionWatcher(Func<HttpClient?> registry)
{
    private readonly Dictionary<string, long> _generations = [];
    private string? _store;
    private long _revision;

    /// <summary>The revision that it heard last.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>Snapshots that it got.</summary>
    public int Snapshots { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (registry() is { } http)
                {
                    await foreach (var watchEvent in new RegistryClient(http).WatchAsync(Revision, _store, stop))
                    {
                        if (watchEvent is not null)
                        {
                            Take(watchEvent);
                        }
                    }
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                // Killed, or the test ends.
            }

            await Task.Delay(20, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private void Take(WatchEvent watchEvent)
    {
        if (watchEvent.IsSnapshot)
        {
            Snapshots++;
            _store = watchEvent.StoreId;
        }
        else
        {
            Assert.Equal(_store, watchEvent.StoreId);
            Assert.Equal(Revision + 1, watchEvent.Revision);
        }

        foreach (var state in watchEvent.Changes.Where(change => change.Kind == ObjectKinds.Serving).Select(change => change.Value!.Value.Deserialize(ContractsJson.Default.ServingState)!))
        {
            if (!watchEvent.IsSnapshot)
            {
                Assert.Equal(_generations.GetValueOrDefault(state.Model) + 1, state.Generation);
            }

            _generations[state.Model] = state.Generation;
        }

        Volatile.Write(ref _revision, watchEvent.Revision);
    }
}
