using Microsoft.Data.Sqlite;

namespace Sluice.Registry.Store;

/// <summary>The one writer of a <see cref="SqliteStore"/>; the caller lets in one batch at a time. Its statements are compiled once.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly int _historyLength;
    private readonly SqliteCommand _revisionOf;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _remember;
    private readonly SqliteCommand _advance;
    private readonly SqliteCommand _forget;
    private readonly SqliteCommand _lastOf;
    private readonly SqliteCommand _append;
    private readonly SqliteCommand _dropLog;

    public SqliteWriter(SqliteConnection connection, int historyLength)
    {
        _connection = connection;
        _historyLength = historyLength;

        // FULL: in write-ahead mode NORMAL would not sync on commit, and a power cut could take acknowledged writes back.
        using var durable = connection.Command("PRAGMA synchronous = FULL");
        durable.ExecuteNonQuery();

        _revisionOf = Command("SELECT mod_revision FROM entries WHERE key = $key", "$key");
        _put = Command(
            "INSERT INTO entries VALUES ($key, $value, $revision) ON CONFLICT (key) DO UPDATE SET value = excluded.value, mod_revision = excluded.mod_revision",
            "$key", "$value", "$revision");
        _delete = Command("DELETE FROM entries WHERE key = $key", "$key");
        _remember = Command("INSERT INTO history VALUES ($revision, $step, $key, $value)", "$revision", "$step", "$key", "$value");
        _advance = Command("UPDATE position SET revision = $revision, compacted = max(compacted, $compacted)", "$revision", "$compacted");
        _forget = Command("DELETE FROM history WHERE revision <= $compacted", "$compacted");
        _lastOf = Command("SELECT coalesce(max(number), 0) FROM logs WHERE log = $log", "$log");
        _append = Command("INSERT INTO logs SELECT $log, coalesce(max(number), 0) + 1, $value FROM logs WHERE log = $log", "$log", "$value");
        _dropLog = Command("DELETE FROM logs WHERE log = $log", "$log");
    }

    private SqliteCommand[] Commands => [_revisionOf, _put, _delete, _remember, _advance, _forget, _lastOf, _append, _dropLog];

    /// <summary>Applies a batch, or nothing of it.</summary>
    public Commit Write(StoreBatch batch)
    {
        using var transaction = _connection.BeginTransaction(); // immediate: takes the right to write at once
        foreach (var command in Commands)
        {
            command.Transaction = transaction;
        }

        var current = SqliteReader.Position(_connection).Revision;
        var found = new bool[batch.Steps.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var step = batch.Steps[i];
            var revision = Run(_revisionOf, step.Key).ExecuteScalar() as long? ?? StoreBatch.Absent;
            if (step.Expected is { } expected && expected != revision)
            {
                return new Commit(current, step.Key);
            }

            found[i] = revision != StoreBatch.Absent;
        }

        foreach (var step in batch.LogSteps)
        {
            if (step.ExpectedLast is { } expected && expected != (long)Run(_lastOf, step.Log).ExecuteScalar()!)
            {
                return new Commit(current, step.Log);
            }
        }

        var next = current + 1;
        var changes = Apply(batch, found, next);
        if (changes > 0)
        {
            Run(_advance, next, next - _historyLength).ExecuteNonQuery();
            Run(_forget, next - _historyLength).ExecuteNonQuery();
        }

        Apply(batch.LogSteps);
        if (changes == 0 && batch.LogSteps.Count == 0)
        {
            return new Commit(current, null);
        }

        transaction.Commit();
        return new Commit(changes > 0 ? next : current, null);
    }

    public void Dispose()
    {
        foreach (var command in Commands)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private int Apply(StoreBatch batch, bool[] found, long revision)
    {
        var changes = 0;
        for (var i = 0; i < found.Length; i++)
        {
            var step = batch.Steps[i];
            if (step.Kind == StoreBatch.StepKind.Put)
            {
                var value = step.Value.ToArray();
                Run(_put, step.Key, value, revision).ExecuteNonQuery();
                Run(_remember, revision, changes++, step.Key, value).ExecuteNonQuery();
            }
            else if (step.Kind == StoreBatch.StepKind.Delete && found[i])
            {
                Run(_delete, step.Key).ExecuteNonQuery();
                Run(_remember, revision, changes++, step.Key, DBNull.Value).ExecuteNonQuery();
            }
        }

        return changes;
    }

    private void Apply(IReadOnlyList<StoreBatch.LogStep> steps)
    {
        foreach (var step in steps)
        {
            if (step.Entry is { } entry)
            {
                Run(_append, step.Log, entry.ToArray()).ExecuteNonQuery();
            }
            else
            {
                Run(_dropLog, step.Log).ExecuteNonQuery();
            }
        }
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.Command(text);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }

    private static SqliteCommand Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }
}
