using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Registry.Store;

namespace Sluice.Registry.Blobs;

/// <summary>
/// Keeps registration and collection out of each other's way, through the store, so that it holds between processes too. A collector writes into one key
/// which blobs it is about to delete, and only then looks whether a version names them; whoever records a version expects that this key did not
/// change since he made sure that his blobs are there. One of the two sees the other, whatever the interleaving.
/// </summary>
internal sealed class BlobSweeps(IStore store, TimeProvider time)
{
    /// <summary>The key. Its value is the sweep that is going on, or was last.</summary>
    internal const string Key = "sweep/blobs";

    /// <summary>
    /// How long a sweep may stand still before it counts as that of a process that died. A collector stops deleting at a quarter of it, by its own clock.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Records versions: waits while one of their blobs is being deleted, makes sure that all are there, and commits what the caller builds.</summary>
    /// <param name="digests">The blobs that the versions name.</param>
    /// <param name="ensure">Makes sure that all of them are in the blob store; called again when a sweep came between.</param>
    /// <param name="build">Builds the batch from what is in the store now; called again after a conflict.</param>
    /// <param name="cancellationToken">Ends it before it is committed.</param>
    /// <returns>What <paramref name="build"/> made beside the batch that was committed; a null batch of it ends without a commit.</returns>
    public async Task<T> RecordAsync<T>(
        IReadOnlyCollection<string> digests,
        Func<CancellationToken, Task> ensure,
        Func<CancellationToken, Task<(StoreBatch? Batch, T Result)>> build,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var sweep = await WaitAsync(digests, cancellationToken);
            await ensure(cancellationToken);
            while (true)
            {
                var (batch, result) = await build(cancellationToken);
                if (batch is null)
                {
                    return result;
                }

                var commit = await store.CommitAsync(batch.Check(Key, sweep), cancellationToken);
                if (commit.Succeeded)
                {
                    return result;
                }

                if (commit.ConflictKey == Key)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Begins a sweep.</summary>
    /// <param name="digests">What it may delete.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The revision of its key; null when another one is going on.</returns>
    public async Task<long?> BeginAsync(IReadOnlyList<string> digests, CancellationToken cancellationToken)
    {
        var entry = await store.GetAsync(Key, cancellationToken);
        if (entry is not null && Read(entry) is { Digests.Count: > 0 } && !await IsDeadAsync(entry.ModRevision, cancellationToken))
        {
            return null;
        }

        return await WriteAsync(new BlobSweep(digests), entry?.ModRevision ?? StoreBatch.Absent, cancellationToken);
    }

    /// <summary>Ends a sweep.</summary>
    /// <param name="sweep">The revision of its key.</param>
    /// <param name="note">Adds to the batch what shall be kept of it; null for nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task EndAsync(long sweep, Action<StoreBatch>? note, CancellationToken cancellationToken) =>
        WriteAsync(new BlobSweep([]), sweep, cancellationToken, note);

    private async Task<long> WaitAsync(IReadOnlyCollection<string> digests, CancellationToken cancellationToken)
    {
        while (await store.GetAsync(Key, cancellationToken) is { } entry)
        {
            if (!Read(entry).Digests.Any(digests.Contains))
            {
                return entry.ModRevision;
            }

            if (await IsDeadAsync(entry.ModRevision, cancellationToken))
            {
                await EndAsync(entry.ModRevision, note: null, cancellationToken);
            }
        }

        return StoreBatch.Absent;
    }

    // By this process's own clock: it saw the same sweep all the time. Clocks of several machines are not compared. Returns early when it moved on.
    private async Task<bool> IsDeadAsync(long sweep, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < Lease)
        {
            await Task.Delay(Poll, time, cancellationToken);
            if ((await store.GetAsync(Key, cancellationToken))?.ModRevision != sweep)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<long?> WriteAsync(BlobSweep sweep, long expected, CancellationToken cancellationToken, Action<StoreBatch>? note = null)
    {
        var batch = new StoreBatch().Put(Key, JsonSerializer.SerializeToUtf8Bytes(sweep, BlobsJson.Default.BlobSweep), expected);
        note?.Invoke(batch);
        var commit = await store.CommitAsync(batch, cancellationToken);
        return commit.Succeeded ? commit.Revision : null;
    }

    private static BlobSweep Read(StoreEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, BlobsJson.Default.BlobSweep)!;
}

/// <summary>A sweep in the store.</summary>
/// <param name="Digests">What it may delete; none when it ended.</param>
internal sealed record BlobSweep(IReadOnlyList<string> Digests);

/// <summary>Generated JSON of what only the blobs slice reads and writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BlobSweep))]
internal sealed partial class BlobsJson : JsonSerializerContext;
