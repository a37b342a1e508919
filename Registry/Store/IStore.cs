namespace Sluice.Registry.Store;

/// <summary>
/// The Registry's memory, with etcd's semantics: keys with opaque values, one global revision that grows by one with every commit, and a watch
/// that tells of each revision once, in order. What is acknowledged survives the death of any process.
/// </summary>
/// <remarks>
/// A key is 1 to 400 visible ASCII characters. Beside the keys there are logs, for what is bulky or chatty: entries numbered from 1 that are only
/// appended, are read in pages, and are not told to watchers. Every implementation passes the same conformance suite (StoreConformance in the tests).
/// </remarks>
internal interface IStore
{
    /// <summary>Made when the store was created. Revisions of different stores cannot be compared.</summary>
    string Id { get; }

    /// <summary>The newest revision, and the one up to which history is gone.</summary>
    ValueTask<StorePosition> GetPositionAsync(CancellationToken cancellationToken);

    /// <summary>One entry; null when there is none.</summary>
    ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>All entries whose key begins with the prefix (empty: all), by key in ordinal order, as they were at one revision.</summary>
    ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Applies the whole batch as one revision if every expectation holds, else nothing of it. A batch that changes no key (it deletes what is not
    /// there, or only appends to logs) makes no revision.
    /// </summary>
    ValueTask<Commit> CommitAsync(StoreBatch batch, CancellationToken cancellationToken);

    /// <summary>Every revision after the given one: first those that were, then those that come.</summary>
    /// <exception cref="RevisionUnavailableException">
    /// The revision is compacted, or in the future; thrown at the start or, when the reader is slow, later. List and watch from there.
    /// </exception>
    IAsyncEnumerable<StoreEvent> WatchAsync(long after, CancellationToken cancellationToken);

    /// <summary>The entries of a log behind a number, at most so many. A log that was never written to is empty.</summary>
    ValueTask<LogPage> ReadLogAsync(string log, long after, int limit, CancellationToken cancellationToken);
}

/// <summary>Where a store stands.</summary>
/// <param name="Revision">The newest; 0 when nothing was ever written.</param>
/// <param name="Compacted">A watch can go on after this one or a later one.</param>
internal readonly record struct StorePosition(long Revision, long Compacted);

/// <summary>A value and when it was written.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its bytes.</param>
/// <param name="ModRevision">The revision that wrote it: what a compare-and-set expects.</param>
internal sealed record StoreEntry(string Key, ReadOnlyMemory<byte> Value, long ModRevision);

/// <summary>Entries at one revision.</summary>
internal sealed record StoreListing(long Revision, IReadOnlyList<StoreEntry> Entries);

/// <summary>How a commit ended.</summary>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="ConflictKey">A key or log that was not as expected, in which case nothing was changed; null when it was committed.</param>
internal readonly record struct Commit(long Revision, string? ConflictKey)
{
    /// <summary>Whether the batch was applied.</summary>
    public bool Succeeded => ConflictKey is null;
}

/// <summary>One key that a revision changed.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its new value; null when it was deleted.</param>
internal sealed record StoreChange(string Key, ReadOnlyMemory<byte>? Value);

/// <summary>Everything that one revision changed, in the batch's order.</summary>
internal sealed record StoreEvent(long Revision, IReadOnlyList<StoreChange> Changes);

/// <summary>One entry of a log.</summary>
/// <param name="Number">Its place, from 1, without gaps.</param>
/// <param name="Value">Its bytes.</param>
internal sealed record LogEntry(long Number, ReadOnlyMemory<byte> Value);

/// <summary>A part of a log.</summary>
/// <param name="Entries">In their order.</param>
/// <param name="Last">The number of the log's newest entry; 0 when it is empty.</param>
internal sealed record LogPage(IReadOnlyList<LogEntry> Entries, long Last);

/// <summary>A watch cannot start after the revision asked for, or cannot go on.</summary>
internal sealed class RevisionUnavailableException(long after, StorePosition position)
    : Exception($"Revision {after} is not between {position.Compacted} (compacted) and {position.Revision} (newest).")
{
    /// <summary>Where the store stood.</summary>
    public StorePosition Position { get; } = position;
}
