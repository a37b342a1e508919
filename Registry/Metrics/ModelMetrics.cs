using Sluice.Registry.Store;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Registry.Metrics;

/// <summary>
/// The series that speak of one model. It follows the store and keeps, of each model, what they show; they vanish with the model, which
/// instruments of the SDK could not.
/// </summary>
internal sealed partial class ModelMetrics(IStore store, TimeProvider time, ILogger<ModelMetrics> logger) : BackgroundService, IMetricSource
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new(); // held for _models and everything in it
    private readonly SortedDictionary<string, ModelSeries> _models = new(StringComparer.Ordinal);

    /// <summary>A rollout reached its verdict.</summary>
    public void RolloutEnded(string model, string result, TimeSpan waited)
    {
        lock (_lock)
        {
            Of(model).RolloutEnded(result, waited);
        }
    }

    /// <inheritdoc />
    public void Write(MetricsWriter writer)
    {
        lock (_lock)
        {
            ModelFamilies.Write(writer, _models.Values, time.GetUtcNow());
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var listing = await store.ListAsync("", stoppingToken);
                StartOver(listing);
                await foreach (var storeEvent in store.WatchAsync(listing.Revision, stoppingToken))
                {
                    Apply(storeEvent);
                }
            }
            catch (RevisionUnavailableException)
            {
                // The store went on faster than it was followed: what it holds now is all that is shown.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
                await Task.Delay(RetryPause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void StartOver(StoreListing listing)
    {
        lock (_lock)
        {
            foreach (var series in _models.Values)
            {
                series.ForgetObjects();
            }

            foreach (var entry in listing.Entries)
            {
                Apply(entry.Key, entry.Value);
            }

            foreach (var gone in _models.Where(pair => !pair.Value.Exists).Select(pair => pair.Key).ToList())
            {
                _models.Remove(gone);
            }
        }
    }

    private void Apply(StoreEvent storeEvent)
    {
        lock (_lock)
        {
            foreach (var change in storeEvent.Changes)
            {
                Apply(change.Key, change.Value);
            }
        }
    }

    // A key is kind/model or kind/model/number; kinds that say nothing of a model are passed over.
    private void Apply(string key, ReadOnlyMemory<byte>? value)
    {
        var parts = key.Split('/', 3);
        if (parts.Length < 2 || !ModelSeries.Concerns(parts[0]))
        {
            return;
        }

        var series = Of(parts[1]);
        series.Apply(parts[0], parts.ElementAtOrDefault(2), value);
        if (!series.Exists)
        {
            _models.Remove(parts[1]);
        }
    }

    private ModelSeries Of(string model)
    {
        if (!_models.TryGetValue(model, out var series))
        {
            _models[model] = series = new ModelSeries(model);
        }

        return series;
    }

    [LoggerMessage(LogLevel.Error, "The store cannot be followed; the metrics of models stand still until it can. Check the store")]
    private partial void LogFailed(Exception exception);
}
