using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Sluice.Registry.Store;

namespace Sluice.Registry.Replicas;

/// <summary>Something that reports, as it is now.</summary>
/// <typeparam name="TReport">What it sends.</typeparam>
/// <typeparam name="TStatus">The lasting part of it.</typeparam>
/// <param name="Status">The lasting part, from the store.</param>
/// <param name="Last">Its last report; null when none came since the Registry's start.</param>
/// <param name="LastSeen">When that came.</param>
internal sealed record RosterEntry<TReport, TStatus>(TStatus Status, TReport? Last, DateTimeOffset? LastSeen)
    where TReport : class;

/// <summary>A roster whose silent members can be struck off.</summary>
internal interface IRoster
{
    /// <summary>Strikes off who was not heard for longer than the expiry.</summary>
    Task ExpireAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Who reports to the Registry: replicas, gateways. The lasting part of a report is written to the store, and so told to watchers, only when it
/// differs from what is there; the rest, and when it came, stays in memory.
/// </summary>
internal abstract partial class Roster<TReport, TStatus> : IRoster, IDisposable
    where TReport : class
    where TStatus : class
{
    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _expiry;
    private readonly string _prefix;
    private readonly JsonTypeInfo<TStatus> _type;

    // Held while a member's state is looked at and changed, so that nobody is struck off between his report and its effect.
    private readonly SemaphoreSlim _lock = new(1, 1);
    private readonly Dictionary<string, Heard> _heard = new(StringComparer.Ordinal);
    private long _listeningSince;
    private long _lastLook;

    /// <param name="kind">The kind of the statuses in the store.</param>
    /// <param name="type">Their JSON.</param>
    /// <param name="store">The store.</param>
    /// <param name="options">The expiry.</param>
    /// <param name="time">The clock; silence counts from now on at the earliest.</param>
    /// <param name="logger">Told of who came and went.</param>
    protected Roster(string kind, JsonTypeInfo<TStatus> type, IStore store, IOptions<RegistryOptions> options, TimeProvider time, ILogger logger)
    {
        _prefix = kind + "/";
        _type = type;
        _store = store;
        _time = time;
        _logger = logger;
        _expiry = options.Value.ReplicaExpiry;
        _listeningSince = _lastLook = time.GetTimestamp();
    }

    /// <summary>Takes a report.</summary>
    public async Task ReportAsync(string id, TReport report, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            _heard[id] = new Heard(report, _time.GetUtcNow(), _time.GetTimestamp());
            var status = JsonSerializer.SerializeToUtf8Bytes(StatusOf(id, report), _type);
            var entry = await _store.GetAsync(_prefix + id, cancellationToken);
            if (entry is null || !entry.Value.Span.SequenceEqual(status))
            {
                await _store.CommitAsync(new StoreBatch().Put(_prefix + id, status), cancellationToken);
                LogChanged(_prefix + id);
            }
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Strikes a member off; no error when there is none.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            _heard.Remove(id);
            await _store.CommitAsync(new StoreBatch().Delete(_prefix + id), cancellationToken);
            LogLeft(_prefix + id);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>All members by id.</summary>
    public async Task<IReadOnlyList<RosterEntry<TReport, TStatus>>> ListAsync(CancellationToken cancellationToken)
    {
        var listing = await _store.ListAsync(_prefix, cancellationToken);
        await _lock.WaitAsync(cancellationToken);
        try
        {
            return [.. listing.Entries.Select(ToRosterEntry)];
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <inheritdoc />
    public async Task ExpireAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            GrantStandstill();
            foreach (var entry in (await _store.ListAsync(_prefix, cancellationToken)).Entries)
            {
                var id = entry.Key[_prefix.Length..];
                if (IsSilent(id))
                {
                    _heard.Remove(id);
                    await _store.CommitAsync(new StoreBatch().Delete(entry.Key, entry.ModRevision), cancellationToken);
                    LogExpired(entry.Key, _expiry.TotalSeconds);
                }
            }
        }
        finally
        {
            _lock.Release();
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>The lasting part of a report.</summary>
    protected abstract TStatus StatusOf(string id, TReport report);

    // When this process stood still (a suspended machine, a starved one), reports wait at its door: that silence is its own, not theirs.
    private void GrantStandstill()
    {
        if (_time.GetElapsedTime(_lastLook) > _expiry / 2)
        {
            _listeningSince = _time.GetTimestamp();
        }

        _lastLook = _time.GetTimestamp();
    }

    private bool IsSilent(string id)
    {
        var since = _heard.TryGetValue(id, out var heard) ? Math.Max(heard.Timestamp, _listeningSince) : _listeningSince;
        return _time.GetElapsedTime(since) > _expiry;
    }

    private RosterEntry<TReport, TStatus> ToRosterEntry(StoreEntry entry)
    {
        var heard = _heard.GetValueOrDefault(entry.Key[_prefix.Length..]);
        return new RosterEntry<TReport, TStatus>(JsonSerializer.Deserialize(entry.Value.Span, _type)!, heard?.Report, heard?.At);
    }

    private sealed record Heard(TReport Report, DateTimeOffset At, long Timestamp);

    [LoggerMessage(LogLevel.Debug, "{Key} came or changed")]
    private partial void LogChanged(string key);

    [LoggerMessage(LogLevel.Information, "{Key} said goodbye")]
    private partial void LogLeft(string key);

    [LoggerMessage(LogLevel.Warning, "{Key} was not heard for {Seconds} s and is struck off. If its process runs, look whether it reaches the Registry")]
    private partial void LogExpired(string key, double seconds);
}
