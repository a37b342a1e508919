using System.Globalization;
using StackExchange.Redis;

namespace Sluice.Registry.Store.Redis;

/// <summary>What the scripts of <see cref="RedisScripts"/> answer, as the store's records.</summary>
internal static class RedisAnswers
{
    /// <summary>A value of the hash: revision, blank, bytes.</summary>
    public static StoreEntry ToEntry(string key, RedisValue stored)
    {
        ReadOnlyMemory<byte> bytes = stored;
        var blank = bytes.Span.IndexOf((byte)' ');
        return new StoreEntry(key, bytes[(blank + 1)..], long.Parse(bytes.Span[..blank], CultureInfo.InvariantCulture));
    }

    /// <summary>Store, revision, keys, values.</summary>
    public static StoreListing ToListing(RedisResult[] answer)
    {
        var names = (RedisResult[])answer[2]!;
        var values = (RedisResult[])answer[3]!;
        return new StoreListing((long)answer[1], [.. names.Zip(values, (name, value) => ToEntry((string)name!, (RedisValue)value))]);
    }

    /// <summary>Entries of the history: several of one revision are one event.</summary>
    public static List<StoreEvent> ToEvents(RedisResult[] entries)
    {
        var events = new List<StoreEvent>();
        var changes = new List<StoreChange>();
        foreach (var entry in entries)
        {
            var (revision, field, value) = ToEntry(entry);
            if (events.Count == 0 || events[^1].Revision != revision)
            {
                changes = [];
                events.Add(new StoreEvent(revision, changes));
            }

            changes.Add(new StoreChange(field[1..], field[0] == 'p' ? value : default(ReadOnlyMemory<byte>?)));
        }

        return events;
    }

    /// <summary>The newest entry of a log, and some of its entries.</summary>
    public static LogPage ToLogPage(RedisResult[] answer)
    {
        var newest = (RedisResult[])answer[0]!;
        var entries = ((RedisResult[])answer[1]!).Select(ToEntry);
        return new LogPage([.. entries.Select(entry => new LogEntry(entry.Number, entry.Value))], newest.Length == 0 ? 0 : ToEntry(newest[0]).Number);
    }

    // A stream's entry: its id, whose first part is our number, and one field with its value.
    private static (long Number, string Field, ReadOnlyMemory<byte> Value) ToEntry(RedisResult entry)
    {
        var parts = (RedisResult[])entry!;
        var id = (string)parts[0]!;
        var fields = (RedisResult[])parts[1]!;
        return (long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture), (string)fields[0]!, (ReadOnlyMemory<byte>)(RedisValue)fields[1]);
    }
}
