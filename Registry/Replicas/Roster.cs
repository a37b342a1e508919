using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Sluice.Registry.Store;

namespace Sluice.Registry.Replicas;

/// <summary>Something that reports, as it is now.</summary>
/// <typeparam name="TStatus">The lasting part of its report.</typeparam>
/// <param name="Status">The lasting part, from the store.</param>
/// <param name="Last">The rest of its last report; null when it was silent for longer than the expiry.</param>
internal sealed record RosterEntry<TStatus>(TStatus Status, LastReport? Last);

/// <summary>A roster whose silent members can be struck off.</summary>
internal interface IRoster
{
    /// <summary>Strikes off who was not heard for longer than the expiry.</summary>
    Task ExpireAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Who reports to the Registry: replicas, gateways. The lasting part of a report is written to the store, and so told to watchers, only when it
/// differs from what is there; the rest goes to <see cref="IReports"/>. Several Registries may keep a roster together: every write is a
/// compare-and-set.
/// </summary>
internal abstract partial class Roster<TReport, TStatus> : IRoster
    where TStatus : class
{
    private readonly IStore _store;
    private readonly IReports _reports;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _expiry;
    private readonly string _prefix;
    private readonly JsonTypeInfo<TStatus> _type;

    private StoreListing? _members; // as of the last look
    private long _listeningSince;
    private long _lastLook;

    /// <param name="kind">The kind of the statuses in the store.</param>
    /// <param name="type">Their JSON.</param>
    /// <param name="store">The store.</param>
    /// <param name="reports">The last reports.</param>
    /// <param name="options">The expiry.</param>
    /// <param name="time">The clock; silence counts from now on at the earliest.</param>
    /// <param name="logger">Told of who came and went.</param>
    protected Roster(
        string kind, JsonTypeInfo<TStatus> type, IStore store, IReports reports, IOptions<RegistryOptions> options, TimeProvider time, ILogger logger)
    {
        _prefix = kind + "/";
        _type = type;
        _store = store;
        _reports = reports;
        _time = time;
        _logger = logger;
        _expiry = options.Value.ReplicaExpiry;
        _listeningSince = _lastLook = time.GetTimestamp();
    }

    /// <summary>Takes a report.</summary>
    public async Task ReportAsync(string id, TReport report, CancellationToken cancellationToken)
    {
        var key = _prefix + id;
        var status = JsonSerializer.SerializeToUtf8Bytes(StatusOf(id, report), _type);
        var known = await _reports.HeardAsync(key, LastOf(report, _time.GetUtcNow()), cancellationToken);
        while (true)
        {
            // Who comes back after a silence is written even when nothing else changed: whoever is about to strike it off expects the revision before.
            var entry = await _store.GetAsync(key, cancellationToken);
            if (known && entry is not null && entry.Value.Span.SequenceEqual(status))
            {
                return;
            }

            if ((await _store.CommitAsync(new StoreBatch().Put(key, status, entry?.ModRevision ?? StoreBatch.Absent), cancellationToken)).Succeeded)
            {
                LogChanged(key);
                return;
            }
        }
    }

    /// <summary>Strikes a member off; no error when there is none.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await _reports.ForgetAsync(_prefix + id, cancellationToken);
        await _store.CommitAsync(new StoreBatch().Delete(_prefix + id), cancellationToken);
        LogLeft(_prefix + id);
    }

    /// <summary>All members by id.</summary>
    public async Task<IReadOnlyList<RosterEntry<TStatus>>> ListAsync(CancellationToken cancellationToken)
    {
        var listing = await _store.ListAsync(_prefix, cancellationToken);
        var reports = await FindReportsAsync(listing, cancellationToken);
        return [.. listing.Entries.Zip(reports, (entry, last) => new RosterEntry<TStatus>(JsonSerializer.Deserialize(entry.Value.Span, _type)!, last))];
    }

    /// <inheritdoc />
    public async Task ExpireAsync(CancellationToken cancellationToken)
    {
        var members = await LookAsync(cancellationToken);
        var reports = await FindReportsAsync(members, cancellationToken);
        GrantStandstill();
        if (_time.GetElapsedTime(_listeningSince) <= _expiry)
        {
            return;
        }

        foreach (var (member, _) in members.Entries.Zip(reports).Where(pair => pair.Second is null))
        {
            if ((await _store.CommitAsync(new StoreBatch().Delete(member.Key, member.ModRevision), cancellationToken)).Succeeded)
            {
                LogExpired(member.Key, _expiry.TotalSeconds);
            }
        }
    }

    /// <summary>The lasting part of a report.</summary>
    protected abstract TStatus StatusOf(string id, TReport report);

    /// <summary>The rest of it.</summary>
    protected abstract LastReport LastOf(TReport report, DateTimeOffset at);

    // The members are listed again only when the store went on; their statuses can be large.
    private async Task<StoreListing> LookAsync(CancellationToken cancellationToken)
    {
        var members = _members;
        if (members is null || members.Revision != (await _store.GetPositionAsync(cancellationToken)).Revision)
        {
            _members = members = await _store.ListAsync(_prefix, cancellationToken);
        }

        return members;
    }

    private ValueTask<IReadOnlyList<LastReport?>> FindReportsAsync(StoreListing members, CancellationToken cancellationToken) =>
        _reports.FindAsync([.. members.Entries.Select(entry => entry.Key)], cancellationToken);

    // When this process stood still (a suspended machine, a starved one) or the store did not answer, reports wait at the door: that silence is not theirs.
    private void GrantStandstill()
    {
        if (_time.GetElapsedTime(_lastLook) > _expiry / 2)
        {
            _listeningSince = _time.GetTimestamp();
        }

        _lastLook = _time.GetTimestamp();
    }

    [LoggerMessage(LogLevel.Debug, "{Key} came or changed")]
    private partial void LogChanged(string key);

    [LoggerMessage(LogLevel.Information, "{Key} said goodbye")]
    private partial void LogLeft(string key);

    [LoggerMessage(LogLevel.Warning, "{Key} was not heard for {Seconds} s and is struck off. If its process runs, look whether it reaches the Registry")]
    private partial void LogExpired(string key, double seconds);
}
