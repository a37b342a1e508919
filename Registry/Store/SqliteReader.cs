using Microsoft.Data.Sqlite;

namespace Sluice.Registry.Store;

/// <summary>The queries of a <see cref="SqliteStore"/>.</summary>
internal static class SqliteReader
{
    public static StorePosition Position(SqliteConnection connection)
    {
        using var command = connection.Command("SELECT revision, compacted FROM position");
        using var row = command.ExecuteReader();
        row.Read();
        return new StorePosition(row.GetInt64(0), row.GetInt64(1));
    }

    public static StoreEntry? Entry(SqliteConnection connection, string key)
    {
        using var command = connection.Command("SELECT key, value, mod_revision FROM entries WHERE key = $key");
        command.Parameters.AddWithValue("$key", key);
        using var rows = command.ExecuteReader();
        return rows.Read() ? Entry(rows) : null;
    }

    public static List<StoreEntry> Entries(SqliteConnection connection, string prefix)
    {
        // Keys are ASCII up to '~': nothing with the prefix sorts behind prefix + DEL, nothing without it in between.
        using var command = connection.Command("SELECT key, value, mod_revision FROM entries WHERE key >= $from AND key < $to ORDER BY key");
        command.Parameters.AddWithValue("$from", prefix);
        command.Parameters.AddWithValue("$to", prefix + '\x7f');
        using var rows = command.ExecuteReader();
        var entries = new List<StoreEntry>();
        while (rows.Read())
        {
            entries.Add(Entry(rows));
        }

        return entries;
    }

    /// <summary>The events after one revision, up to another one.</summary>
    public static List<StoreEvent> Events(SqliteConnection connection, long after, long last)
    {
        using var command = connection.Command(
            "SELECT revision, key, value FROM history WHERE revision > $after AND revision <= $last ORDER BY revision, step");
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$last", last);
        using var rows = command.ExecuteReader();
        var events = new List<StoreEvent>();
        var changes = new List<StoreChange>();
        while (rows.Read())
        {
            var revision = rows.GetInt64(0);
            if (events.Count == 0 || events[^1].Revision != revision)
            {
                changes = [];
                events.Add(new StoreEvent(revision, changes));
            }

            changes.Add(new StoreChange(rows.GetString(1), rows.IsDBNull(2) ? default(ReadOnlyMemory<byte>?) : rows.GetFieldValue<byte[]>(2)));
        }

        return events;
    }

    /// <summary>The number of a log's newest entry; 0 when it is empty.</summary>
    public static long LastOf(SqliteConnection connection, string log)
    {
        using var command = connection.Command("SELECT coalesce(max(number), 0) FROM logs WHERE log = $log");
        command.Parameters.AddWithValue("$log", log);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The entries of a log behind a number.</summary>
    public static List<LogEntry> LogEntries(SqliteConnection connection, string log, long after, int limit)
    {
        using var command = connection.Command("SELECT number, value FROM logs WHERE log = $log AND number > $after ORDER BY number LIMIT $limit");
        command.Parameters.AddWithValue("$log", log);
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$limit", limit);
        using var rows = command.ExecuteReader();
        var entries = new List<LogEntry>();
        while (rows.Read())
        {
            entries.Add(new LogEntry(rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)));
        }

        return entries;
    }

    private static StoreEntry Entry(SqliteDataReader row) => new(row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2));
}
