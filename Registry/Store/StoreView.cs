namespace Sluice.Registry.Store;

/// <summary>
/// The values below a prefix, read and parsed anew only when the store went on: a value whose revision did not change is not parsed again. What it
/// gives is never older than the call.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="prefix">What the keys begin with; the rest of a key is the value's name.</param>
/// <param name="parse">Reads a value.</param>
internal sealed class StoreView<T>(IStore store, string prefix, Func<StoreEntry, T> parse)
{
    private volatile Seen _seen = new(-1, [], new Dictionary<string, Item>());

    /// <summary>All values, by name in ordinal order.</summary>
    public async ValueTask<Seen> ReadAsync(CancellationToken cancellationToken)
    {
        var position = await store.GetPositionAsync(cancellationToken);
        var seen = _seen;
        if (seen.Revision >= position.Revision)
        {
            return seen;
        }

        var listing = await store.ListAsync(prefix, cancellationToken);
        var items = new List<Item>(listing.Entries.Count);
        foreach (var entry in listing.Entries)
        {
            var name = entry.Key[prefix.Length..];
            items.Add(seen.Find(name) is { } known && known.Revision == entry.ModRevision ? known : new Item(name, entry.ModRevision, parse(entry)));
        }

        // Two callers may do this at once; either result is right, and the next call finds out when one is too old for it.
        return _seen = new Seen(listing.Revision, items, items.ToDictionary(item => item.Name, StringComparer.Ordinal));
    }

    /// <summary>A parsed value.</summary>
    internal sealed record Item(string Name, long Revision, T Value);

    /// <summary>All values at one revision.</summary>
    internal sealed record Seen(long Revision, IReadOnlyList<Item> Items, IReadOnlyDictionary<string, Item> ByName)
    {
        /// <summary>One of them; null when there is none of this name.</summary>
        public Item? Find(string name) => ByName.GetValueOrDefault(name);
    }
}
