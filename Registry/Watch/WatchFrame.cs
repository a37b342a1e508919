using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Store;

namespace Sluice.Registry.Watch;

/// <summary>
/// One server-sent event, as its bytes: made once, written to every watcher. It has a second form for watchers that may not know of API keys; as long as
/// it tells of none, as nearly all do, the two are the same bytes.
/// </summary>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="Bytes">The event on the wire, for watchers that may know of keys.</param>
/// <param name="BytesWithoutKeys">The event on the wire, for all others.</param>
internal sealed record WatchFrame(long Revision, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> BytesWithoutKeys)
{
    /// <summary>The event on the wire.</summary>
    /// <param name="withKeys">Whether the watcher may know of keys.</param>
    public ReadOnlyMemory<byte> BytesFor(bool withKeys) => withKeys ? Bytes : BytesWithoutKeys;

    /// <summary>What one revision changed. A revision that changed nothing for watchers is told too, so that they know where they stand.</summary>
    public static WatchFrame OfChange(string storeId, StoreEvent storeEvent) =>
        Of(WatchEventTypes.Change, new WatchEvent(
            storeId, storeEvent.Revision, IsSnapshot: false, ToChanges(storeEvent.Changes.Select(change => (change.Key, change.Value)))));

    /// <summary>Everything there is.</summary>
    public static WatchFrame OfSnapshot(string storeId, StoreListing listing) =>
        Of(WatchEventTypes.Snapshot, new WatchEvent(
            storeId, listing.Revision, IsSnapshot: true, ToChanges(listing.Entries.Select(entry => (entry.Key, (ReadOnlyMemory<byte>?)entry.Value)))));

    /// <summary>A sign of life. Without an id: it moves nobody's position.</summary>
    public static WatchFrame OfHeartbeat(long revision)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: {WatchEventTypes.Heartbeat}\ndata: {revision}\n\n"));
        return new WatchFrame(revision, bytes, bytes);
    }

    private static WatchFrame Of(string type, WatchEvent watchEvent)
    {
        var bytes = ToBytes(type, watchEvent);
        var others = watchEvent.Changes.Where(change => change.Kind != ObjectKinds.Key).ToList();
        return new WatchFrame(
            watchEvent.Revision, bytes, others.Count == watchEvent.Changes.Count ? bytes : ToBytes(type, watchEvent with { Changes = others }));
    }

    private static byte[] ToBytes(string type, WatchEvent watchEvent)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: {type}\nid: {watchEvent.Revision}\ndata: ")));
        JsonSerializer.Serialize(bytes, watchEvent, ContractsJson.Default.WatchEvent); // on one line: the JSON is not indented
        bytes.Write("\n\n"u8);
        return bytes.ToArray();
    }

    private static List<WatchChange> ToChanges(IEnumerable<(string Key, ReadOnlyMemory<byte>? Value)> entries)
    {
        var changes = new List<WatchChange>();
        foreach (var (storeKey, value) in entries)
        {
            if (StoreKeys.TryReadObject(storeKey, out var kind, out var key))
            {
                changes.Add(new WatchChange(kind, key, value is { } json ? JsonElement.Parse(json.Span) : null));
            }
        }

        return changes;
    }
}
