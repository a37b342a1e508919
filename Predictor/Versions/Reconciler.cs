using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Versions;

/// <summary>Makes this process hold the versions that its pool is to hold: loads what is missing, tries again what failed, unloads what is over.</summary>
/// <remarks>
/// Each version goes its own way: one that loads, fails or drains has no part in the others. A version that is unloaded is reported as Draining
/// first and goes on answering until no request has come for a second (<see cref="DrainPause"/>), so that gateways can move away without a miss.
/// </remarks>
internal sealed partial class Reconciler(
    RegistryWatch watch,
    VersionLoader loader,
    ServedVersions served,
    ChangeSignal changes,
    PredictorMetrics metrics,
    IOptions<PredictorOptions> options,
    TimeProvider time,
    ILogger<Reconciler> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Model, int Version, string Digest), Entry> _entries = [];
    private bool _stopping;

    /// <summary>Whether the state was read and every version that it assigns here is ready or has failed.</summary>
    public bool IsSettled
    {
        get
        {
            if (watch.Source == StateSource.None)
            {
                return false;
            }

            lock (_lock)
            {
                return DesiredVersions.Of(watch.Current, options.Value.Pool!)
                    .All(version => _entries.TryGetValue(KeyOf(version), out var entry) && entry.Held.State is VersionState.Ready or VersionState.Failed);
            }
        }
    }

    /// <summary>Compares what is held with what is to be held and starts what is missing. Returns at once.</summary>
    internal void Tick()
    {
        lock (_lock)
        {
            if (_stopping || watch.Source == StateSource.None)
            {
                return;
            }

            var desired = DesiredVersions.Of(watch.Current, options.Value.Pool!).ToDictionary(KeyOf);
            foreach (var (key, version) in desired)
            {
                Want_NeedsLock(key, version);
            }

            foreach (var (key, entry) in _entries.Where(pair => !desired.ContainsKey(pair.Key)).ToArray())
            {
                Release_NeedsLock(key, entry);
            }
        }
    }

    /// <summary>The process ends: no version is loaded any more, all are Draining. Requests are still answered.</summary>
    internal void DrainAll()
    {
        lock (_lock)
        {
            _stopping = true;
            foreach (var (key, entry) in _entries.ToArray())
            {
                entry.Stop.Cancel();
                if (entry.Held.Loaded is null)
                {
                    _entries.Remove(key);
                }

                entry.Held.Drain();
            }

            Publish_NeedsLock();
        }
    }

    /// <summary>A version that is loaded no longer gives its golden answers: it fails, and is loaded anew after a pause.</summary>
    internal void Distrust(HeldVersion held, LoadedVersion loaded, string reason)
    {
        lock (_lock)
        {
            if (held.State != VersionState.Ready || held.Loaded != loaded || !_entries.TryGetValue(KeyOf(held.Artifact), out var entry) || entry.Held != held)
            {
                return; // on its way out already
            }

            Fail_NeedsLock(entry, reason);
        }

        _ = loaded.CloseAsync();
    }

    /// <summary>Unloads everything once the last request is over.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        DrainAll();
        Entry[] rest;
        lock (_lock)
        {
            rest = [.. _entries.Values];
        }

        await Task.WhenAll(rest.Select(entry => entry.Held.Loaded?.CloseAsync() ?? Task.CompletedTask)).WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var seen = watch.Current;
            Tick();
            using var interval = new CancellationTokenSource(Interval, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, stoppingToken);
            await ((Task)watch.WaitForChangeAsync(seen, either.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Want_NeedsLock((string, int, string) key, ModelVersion version)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            entry = new Entry(new HeldVersion(version));
            _entries.Add(key, entry);
            Publish_NeedsLock();
            Start_NeedsLock(entry);
        }
        else if (entry.Held.State == VersionState.Draining)
        {
            entry.Stop.Cancel();
            entry.Held.Resume();
            Publish_NeedsLock();
        }
        else if (entry.RetryAt is { } due && time.GetUtcNow() >= due)
        {
            Start_NeedsLock(entry);
        }
    }

    private void Release_NeedsLock((string, int, string) key, Entry entry)
    {
        if (entry.Held.State == VersionState.Ready)
        {
            entry.Held.Drain();
            entry.Stop = new CancellationTokenSource();
            _ = UnloadAsync(key, entry, entry.Stop.Token);
            Publish_NeedsLock();
        }
        else if (entry.Held.State != VersionState.Draining)
        {
            entry.Stop.Cancel();
            _entries.Remove(key);
            Publish_NeedsLock();
        }
    }

    private void Start_NeedsLock(Entry entry)
    {
        entry.RetryAt = null;
        entry.Stop = new CancellationTokenSource();
        _ = LoadAsync(entry, entry.Stop.Token);
    }

    private async Task LoadAsync(Entry entry, CancellationToken cancellationToken)
    {
        await Task.Yield(); // the lock is not held while loading
        var version = entry.Held.Artifact;
        try
        {
            var loaded = await loader.LoadAsync(version, cancellationToken);
            lock (_lock)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    _ = loaded.CloseAsync();
                    return;
                }

                entry.Failures = 0;
                entry.Held.BecameReady(loaded);
                Publish_NeedsLock();
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(entry, exception);
        }
        catch (Exception exception)
        {
            LogAbandoned(version.Model, version.Version, exception.Message);
        }
    }

    private void Failed(Entry entry, Exception exception)
    {
        lock (_lock)
        {
            Fail_NeedsLock(entry, exception is InferenceException ? exception.Message : RuntimeMessage.Clean(exception.Message));
        }
    }

    private void Fail_NeedsLock(Entry entry, string reason)
    {
        var version = entry.Held.Artifact;
        var pause = FirstPause * Math.Pow(2, Math.Min(entry.Failures++, 10));
        pause = pause < LongestPause ? pause : LongestPause;
        entry.RetryAt = time.GetUtcNow() + pause;
        entry.Held.Failed(reason);
        metrics.LoadFailed(version.Model);
        LogFailed(version.Model, version.Version, reason, pause.TotalSeconds);
        Publish_NeedsLock();
    }

    private async Task UnloadAsync((string, int, string) key, Entry entry, CancellationToken cancellationToken)
    {
        var loaded = entry.Held.Loaded!;
        var quiet = await DrainPause.WaitAsync([loaded], options.Value.DrainTimeout, time, cancellationToken);
        lock (_lock)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return; // wanted again, or the process ends
            }

            _entries.Remove(key);
            Publish_NeedsLock();
        }

        if (!quiet)
        {
            LogDrainCut(entry.Held.Artifact.Model, entry.Held.Artifact.Version, options.Value.DrainTimeout.TotalSeconds);
        }

        await loaded.CloseAsync();
        LogUnloaded(entry.Held.Artifact.Model, entry.Held.Artifact.Version);
    }

    private void Publish_NeedsLock()
    {
        served.Replace(_entries.Values.Select(entry => entry.Held));
        changes.Raise();
    }

    private static (string, int, string) KeyOf(ModelVersion version) => (version.Model, version.Version, version.Digest);

    private sealed class Entry(HeldVersion held)
    {
        public HeldVersion Held { get; } = held;

        /// <summary>Ends the load or the drain that is under way.</summary>
        public CancellationTokenSource Stop { get; set; } = new();

        public DateTimeOffset? RetryAt { get; set; }

        public int Failures { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "{Model} version {Version} cannot be served: {Reason} Next try in {Seconds} s; the versions that are loaded serve on")]
    private partial void LogFailed(string model, int version, string reason, double seconds);

    [LoggerMessage(LogLevel.Information, "Unloaded {Model} version {Version}: it is no longer assigned to this pool")]
    private partial void LogUnloaded(string model, int version);

    [LoggerMessage(LogLevel.Warning, "{Model} version {Version} was still in use after {Seconds} s (Predictor:DrainTimeout): new requests are refused, its memory is freed when the last one ends. If gateways still send it requests, check that they hear the Registry")]
    private partial void LogDrainCut(string model, int version, double seconds);

    [LoggerMessage(LogLevel.Debug, "Loading {Model} version {Version} was given up: {Problem}")]
    private partial void LogAbandoned(string model, int version, string problem);
}
