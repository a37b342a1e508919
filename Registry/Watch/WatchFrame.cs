using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Store;

namespace Sluice.Registry.Watch;

/// <summary>One server-sent event, as its bytes: made once, written to every watcher.</summary>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="Bytes">The event on the wire.</param>
internal sealed record WatchFrame(long Revision, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>What one revision changed. A revision that changed nothing for watchers is told too, so that they know where they stand.</summary>
    public static WatchFrame OfChange(string storeId, StoreEvent storeEvent) =>
        Of(WatchEventTypes.Change, new WatchEvent(
            storeId, storeEvent.Revision, IsSnapshot: false, ToChanges(storeEvent.Changes.Select(change => (change.Key, change.Value)))));

    /// <summary>Everything there is.</summary>
    public static WatchFrame OfSnapshot(string storeId, StoreListing listing) =>
        Of(WatchEventTypes.Snapshot, new WatchEvent(
            storeId, listing.Revision, IsSnapshot: true, ToChanges(listing.Entries.Select(entry => (entry.Key, (ReadOnlyMemory<byte>?)entry.Value)))));

    /// <summary>A sign of life. Without an id: it moves nobody's position.</summary>
    public static WatchFrame OfHeartbeat(long revision) =>
        new(revision, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: {WatchEventTypes.Heartbeat}\ndata: {revision}\n\n")));

    private static WatchFrame Of(string type, WatchEvent watchEvent)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: {type}\nid: {watchEvent.Revision}\ndata: ")));
        JsonSerializer.Serialize(bytes, watchEvent, ContractsJson.Default.WatchEvent); // on one line: the JSON is not indented
        bytes.Write("\n\n"u8);
        return new WatchFrame(watchEvent.Revision, bytes.ToArray());
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
