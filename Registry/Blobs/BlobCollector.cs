using System.Text.Json;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;

namespace Sluice.Registry.Blobs;

/// <summary>
/// Deletes blobs that no version names. Three things keep it from deleting one that is about to be named: it spares what is younger than the grace
/// period, it looks at the versions again after <see cref="BlobSweeps"/> announced what it is about to delete, and at each blob's age right before.
/// </summary>
internal sealed partial class BlobCollector(
    IBlobStore blobs, BlobSweeps sweeps, IStore store, AuditLog audit, IOptions<BlobOptions> options, TimeProvider time, ILogger<BlobCollector> logger)
{
    /// <summary>Blobs that one sweep deletes at most, so that no registration waits for long.</summary>
    private const int SweepSize = 200;

    /// <summary>Uploads to the store that never ended are dropped after this time.</summary>
    private static readonly TimeSpan LongestUpload = TimeSpan.FromDays(1);

    /// <summary>Counts what is there.</summary>
    public async Task<BlobUsage> MeasureAsync(CancellationToken cancellationToken)
    {
        var used = await FindUsedAsync(cancellationToken);
        var usage = new BlobUsage { Store = blobs.Name, Blobs = 0, Bytes = 0, Unused = 0, UnusedBytes = 0, Collectable = 0, CollectableBytes = 0 };
        await foreach (var blob in blobs.ListAsync(cancellationToken))
        {
            var (unused, old) = (!used.Contains(blob.Digest), IsOld(blob));
            usage = usage with
            {
                Blobs = usage.Blobs + 1,
                Bytes = usage.Bytes + blob.Size,
                Unused = usage.Unused + (unused ? 1 : 0),
                UnusedBytes = usage.UnusedBytes + (unused ? blob.Size : 0),
                Collectable = usage.Collectable + (unused && old ? 1 : 0),
                CollectableBytes = usage.CollectableBytes + (unused && old ? blob.Size : 0),
            };
        }

        return usage;
    }

    /// <summary>Collects.</summary>
    /// <param name="caller">Who asked for it.</param>
    /// <param name="dryRun">Only says what it would delete.</param>
    /// <param name="cancellationToken">Ends it between two blobs.</param>
    /// <returns>What it did; null when another collection is going on.</returns>
    public async Task<BlobCollection?> CollectAsync(Caller caller, bool dryRun, CancellationToken cancellationToken)
    {
        var used = await FindUsedAsync(cancellationToken);
        var candidates = new List<BlobInfo>();
        var done = new BlobCollection { DryRun = dryRun, Examined = 0, Deleted = 0, DeletedBytes = 0, Spared = 0 };
        await foreach (var blob in blobs.ListAsync(cancellationToken))
        {
            var (unused, old) = (!used.Contains(blob.Digest), IsOld(blob));
            done = done with { Examined = done.Examined + 1, Spared = done.Spared + (unused && !old ? 1 : 0) };
            if (unused && old)
            {
                candidates.Add(blob);
            }
        }

        if (dryRun)
        {
            return done with { Deleted = candidates.Count, DeletedBytes = candidates.Sum(blob => blob.Size) };
        }

        foreach (var some in candidates.Chunk(SweepSize))
        {
            if (await SweepAsync(some, caller, done, cancellationToken) is not { } next)
            {
                return null;
            }

            done = next;
        }

        await blobs.TidyAsync(time.GetUtcNow() - LongestUpload, cancellationToken);
        return done;
    }

    // Null when somebody else's sweep is going on. Time is taken before it is announced: whoever waits for it waits four times as long.
    private async Task<BlobCollection?> SweepAsync(BlobInfo[] some, Caller caller, BlobCollection before, CancellationToken cancellationToken)
    {
        using var inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        inTime.CancelAfter(BlobSweeps.Lease / 4);
        if (await sweeps.BeginAsync([.. some.Select(blob => blob.Digest)], cancellationToken) is not { } sweep)
        {
            return null;
        }

        var done = before;
        try
        {
            var used = await FindUsedAsync(inTime.Token);
            foreach (var blob in some)
            {
                var deleted = !used.Contains(blob.Digest) && await DeleteAsync(blob.Digest, inTime.Token);
                done = deleted
                    ? done with { Deleted = done.Deleted + 1, DeletedBytes = done.DeletedBytes + blob.Size }
                    : done with { Spared = done.Spared + 1 };
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogSlow(some.Length);
        }
        finally
        {
            await sweeps.EndAsync(sweep, batch => Note(batch, caller, before, done), CancellationToken.None);
        }

        return done;
    }

    private async Task<bool> DeleteAsync(string digest, CancellationToken cancellationToken)
    {
        if (await blobs.FindAsync(digest, cancellationToken) is not { } blob || !IsOld(blob))
        {
            return false;
        }

        await blobs.DeleteAsync(digest, cancellationToken);
        LogDeleted(digest, blob.Size);
        return true;
    }

    private void Note(StoreBatch batch, Caller caller, BlobCollection before, BlobCollection after)
    {
        var done = after with { Deleted = after.Deleted - before.Deleted, DeletedBytes = after.DeletedBytes - before.DeletedBytes, Spared = after.Spared - before.Spared };
        if (done.Deleted > 0)
        {
            audit.Note(
                batch, caller, "blobs.collect", reason: "no version names them", details: JsonSerializer.SerializeToElement(done, ContractsJson.Default.BlobCollection));
        }
    }

    private bool IsOld(BlobInfo blob) => time.GetUtcNow() - blob.WrittenAt >= options.Value.GracePeriod;

    private async Task<HashSet<string>> FindUsedAsync(CancellationToken cancellationToken)
    {
        var versions = await store.ListAsync(StoreKeys.AllVersions, cancellationToken);
        return versions.Entries
            .SelectMany(entry => JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.ModelVersion)!.Blobs)
            .Select(file => file.Digest)
            .ToHashSet(StringComparer.Ordinal);
    }

    [LoggerMessage(LogLevel.Information, "Deleted the blob {Digest} of {Bytes} bytes: no version names it")]
    private partial void LogDeleted(string digest, long bytes);

    [LoggerMessage(LogLevel.Warning, "Deleting {Count} blobs took too long and was broken off; the next collection goes on. Is the blob store slow?")]
    private partial void LogSlow(int count);
}
