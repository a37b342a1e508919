using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Sluice.Registry.Store;

/// <summary>The file of a <see cref="SqliteStore"/>: how it is opened, what is in it, and what is wrong when it cannot be.</summary>
internal sealed class SqliteFile : IDisposable
{
    /// <summary>Form of the tables, kept in <c>PRAGMA user_version</c>. A file with a higher one was written by a newer Registry.</summary>
    private const int Form = 2;

    // Result codes of SQLite.
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;

    private const string Tables =
        """
        CREATE TABLE position (only INTEGER PRIMARY KEY CHECK (only = 1), store TEXT NOT NULL, revision INTEGER NOT NULL, compacted INTEGER NOT NULL);
        CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, mod_revision INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE history (revision INTEGER NOT NULL, step INTEGER NOT NULL, key TEXT NOT NULL, value BLOB, PRIMARY KEY (revision, step)) WITHOUT ROWID;
        """;

    // Form 2 added logs.
    private const string LogTable =
        "CREATE TABLE logs (log TEXT NOT NULL, number INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (log, number)) WITHOUT ROWID;";

    private const int MostIdle = 32;

    private readonly string _path;
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private volatile bool _isDisposed;

    public SqliteFile(string path)
    {
        _path = path;

        // Not pooled by the driver: version 10.0.11 takes a connection that is just being opened for a forgotten one now and then, and lends it to two
        // threads at once ("cannot start a transaction within a transaction").
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
    }

    /// <summary>Asks on a connection that nobody else uses meanwhile; it is kept for the next question unless this one failed.</summary>
    public T Ask<T>(Func<SqliteConnection, T> ask)
    {
        SqliteConnection? connection = _idle.TryTake(out var kept) ? kept : Open();
        try
        {
            var answer = ask(connection);
            if (_idle.Count < MostIdle && !_isDisposed)
            {
                _idle.Add(connection);
                connection = null;
                if (_isDisposed)
                {
                    Dispose(); // it came too late to be among those that were closed
                }
            }

            return answer;
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <summary>A connection of the caller's own.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    // Hashes of keys are in it, and what signs tokens. SQLite gives the files beside it the same rights. Only when it is missing: opening and closing a
    // file that SQLite has open would end the locks that it holds.
    private void CreateForUsOnly()
    {
        if (OperatingSystem.IsWindows() || File.Exists(_path))
        {
            return;
        }

        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            new FileStream(_path, options).Dispose();
        }
        catch (UnauthorizedAccessException)
        {
            // A folder of this name, say: opening it says what is wrong, and what to do.
        }
    }

    /// <summary>Makes the tables of a new file, or checks those of an old one.</summary>
    /// <returns>The store's id.</returns>
    /// <exception cref="IOException">The file is not one of ours.</exception>
    public string Prepare()
    {
        try
        {
            CreateForUsOnly();
            using var connection = Open();
            using var mode = connection.Command("PRAGMA journal_mode = WAL");
            mode.ExecuteNonQuery();
            using var transaction = connection.BeginTransaction();
            var form = connection.Scalar<long>("PRAGMA user_version");
            if (form == 0)
            {
                Create(connection);
            }
            else if (form == 1)
            {
                Run(connection, LogTable + $"PRAGMA user_version = {Form};");
            }
            else if (form != Form)
            {
                throw new IOException($"{_path} has form {form}, this Registry knows form {Form}: run the version of Sluice that wrote it, or a newer one.");
            }

            transaction.Commit();
            return connection.Scalar<string>("SELECT store FROM position");
        }
        catch (SqliteException exception)
        {
            throw new IOException($"{_path} cannot be used as the store ({exception.Message}): {Advise(exception)}.", exception);
        }
    }

    /// <summary>What became of a question or a write that SQLite could not do.</summary>
    /// <param name="exception">What SQLite said.</param>
    /// <param name="writes">Whether it was a write.</param>
    public StoreUnavailableException Explain(SqliteException exception, bool writes) => new(
        $"{_path} cannot be {(writes ? "written" : "read")} ({exception.Message}): {Advise(exception)}.",
        mayBeDone: writes && exception.SqliteErrorCode == IoError,
        exception);

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var connection))
        {
            connection.Dispose();
        }
    }

    private static string Advise(SqliteException exception) => exception.SqliteErrorCode switch
    {
        ReadOnly or CannotOpen => "give this user the right to write the file and its folder",
        IoError or Full => "look whether the disk is full or failing; it is tried again with the next write",
        _ => "restore it from a copy, or move it away to begin anew",
    };

    private static void Create(SqliteConnection connection)
    {
        Run(connection, Tables + LogTable + $"PRAGMA user_version = {Form};");
        using var position = connection.Command("INSERT INTO position VALUES (1, $store, 0, 0)");
        position.Parameters.AddWithValue("$store", Guid.NewGuid().ToString("N"));
        position.ExecuteNonQuery();
    }

    private static void Run(SqliteConnection connection, string text)
    {
        using var command = connection.Command(text);
        command.ExecuteNonQuery();
    }
}

/// <summary>Shorter ways to say common things to SQLite.</summary>
internal static class SqliteCommands
{
    /// <summary>A command with this text.</summary>
    public static SqliteCommand Command(this SqliteConnection connection, string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    /// <summary>The first column of the first row.</summary>
    public static T Scalar<T>(this SqliteConnection connection, string text)
    {
        using var command = connection.Command(text);
        return (T)command.ExecuteScalar()!;
    }
}
