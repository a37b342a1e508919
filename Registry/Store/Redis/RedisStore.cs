using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Sluice.Registry.Store.Redis;

/// <summary>
/// The store on a Redis server, for several Registries at once. A batch is one script; the history is a stream, which is the truth of the watch;
/// published messages wake watches, and a look every second makes up for those that are lost. What is acknowledged is on the server's disk if
/// it runs with <c>appendonly yes</c> and <c>appendfsync always</c> (see <see cref="RedisDurability"/>).
/// </summary>
/// <remarks>
/// A commit whose answer got lost is asked for again under the same id, and the server knows whether it did it. Only when the server stays away for longer than
/// the patience of <see cref="RedisServerLink"/> the caller learns that nobody knows.
/// </remarks>
internal sealed class RedisStore : IStore, IDisposable
{
    /// <summary>Form of the keys. A server with a higher one was written by a newer Registry.</summary>
    private const string Form = "1";

    /// <summary>Revisions that a watch reads at once.</summary>
    private const int WatchPage = 100;

    // Longer than any attempt of a commit can be on its way.
    private static readonly TimeSpan CommitMemory = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WatchPoll = TimeSpan.FromSeconds(1);

    private readonly RedisServerLink _server;
    private readonly RedisKeys _keys;
    private readonly int _historyLength;
    private TaskCompletionSource _committed = NewSignal();

    /// <summary>Opens the store, creating it when the server has none.</summary>
    /// <param name="server">The connection; the caller's.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="historyLength">Revisions that are kept for watches to go on from; older ones are compacted.</param>
    /// <exception cref="IOException">The store is of a newer form, or the server refuses.</exception>
    public RedisStore(RedisServerLink server, RedisKeys keys, int historyLength)
    {
        _server = server;
        _keys = keys;
        _historyLength = historyLength;
        Id = Open();
        server.Listen(keys.Committed, Wake);
    }

    public string Id { get; }

    public async ValueTask<StorePosition> GetPositionAsync(CancellationToken cancellationToken)
    {
        var fields = await _server.AskAsync(redis => redis.HashGetAsync(_keys.Position, ["store", "revision", "compacted"]), writes: false, cancellationToken);
        CheckStore(fields[0]);
        return new StorePosition((long)fields[1], (long)fields[2]);
    }

    public async ValueTask<StoreEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        // Two questions on one way: an emptied server must not look like a key that never was.
        var answers = await _server.AskAsync(
            redis => Task.WhenAll(redis.HashGetAsync(_keys.Position, "store"), redis.HashGetAsync(_keys.Values, key)), writes: false, cancellationToken);
        CheckStore(answers[0]);
        var value = answers[1];
        return value.IsNull ? null : RedisAnswers.ToEntry(key, value);
    }

    public async ValueTask<StoreListing> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        if (!StoreBatch.IsPrefix(prefix))
        {
            throw new ArgumentException($"'{prefix}' is the beginning of no key.", nameof(prefix));
        }

        // Keys are ASCII up to '~': nothing with the prefix sorts behind prefix + DEL, nothing without it in between.
        var answer = await RunAsync(RedisScripts.List, [_keys.Position, _keys.Names, _keys.Values], [$"[{prefix}", $"({prefix}\x7f"], writes: false, cancellationToken);
        CheckStore((RedisValue)answer[0]);
        return RedisAnswers.ToListing(answer);
    }

    public async ValueTask<Commit> CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (batch.IsEmpty)
        {
            throw new ArgumentException("The batch is empty.", nameof(batch));
        }

        cancellationToken.ThrowIfCancellationRequested();
        RedisKey[] keys =
        [
            _keys.Position, _keys.Values, _keys.Names, _keys.History, _keys.Commit(Guid.NewGuid()),
            .. batch.LogSteps.Select(step => _keys.Log(step.Log)),
        ];
        var answer = await RunAsync(RedisScripts.Commit, keys, ToArguments(batch), writes: true, cancellationToken);
        var (revision, conflict) = ((long)answer[0], (int)answer[1]);
        if (conflict == 0)
        {
            Wake(); // watches of this process need not wait for the message
        }

        return new Commit(revision, conflict switch { 0 => null, > 0 => batch.Steps[conflict - 1].Key, _ => batch.LogSteps[-conflict - 1].Log });
    }

    public async IAsyncEnumerable<StoreEvent> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            // Taken before the look, so that a commit between the look and the wait is not slept through.
            var committed = Volatile.Read(ref _committed).Task;
            var events = await ReadEventsAsync(after, cancellationToken);
            foreach (var storeEvent in events)
            {
                yield return storeEvent;
                after = storeEvent.Revision;
            }

            if (events.Count == 0)
            {
                await Task.WhenAny(committed, Task.Delay(WatchPoll, cancellationToken));
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask<LogPage> ReadLogAsync(string log, long after, int limit, CancellationToken cancellationToken) =>
        RedisAnswers.ToLogPage(await RunAsync(RedisScripts.ReadLog, [_keys.Log(log)], [after, limit], writes: false, cancellationToken));

    public void Dispose() => _server.Dispose();

    private string Open()
    {
        try
        {
            // Asked again while the server is just being started anew; the script makes one store however often it runs.
            RedisValue[] arguments = [Guid.NewGuid().ToString("N"), Form];
            var answer = (RedisResult[])_server.AskAsync(
                redis => redis.ScriptEvaluateAsync(RedisScripts.Open, [_keys.Position], arguments), writes: false, CancellationToken.None).AsTask().GetAwaiter().GetResult()!;
            return (string?)answer[1] == Form
                ? (string)answer[0]!
                : throw new IOException($"Redis at {_server.Address} has a store of form {answer[1]}, this Registry knows form {Form}: run the version of Sluice that wrote it, or a newer one.");
        }
        catch (StoreUnavailableException exception)
        {
            throw new IOException($"{exception.Message} It cannot be used as the store (Registry:Redis).", exception);
        }
    }

    private async ValueTask<RedisResult[]> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments, bool writes, CancellationToken cancellationToken) =>
        (RedisResult[])(await _server.AskAsync(redis => redis.ScriptEvaluateAsync(script, keys, arguments), writes, cancellationToken))!;

    private RedisValue[] ToArguments(StoreBatch batch)
    {
        List<RedisValue> arguments = [Id, _historyLength, (long)CommitMemory.TotalMilliseconds, (string?)_keys.Committed, batch.Steps.Count];
        foreach (var step in batch.Steps)
        {
            RedisValue kind = step.Kind switch { StoreBatch.StepKind.Put => "p", StoreBatch.StepKind.Delete => "d", _ => "c" };
            arguments.AddRange([kind, step.Key, step.Value, Expected(step.Expected)]);
        }

        foreach (var step in batch.LogSteps)
        {
            arguments.AddRange([step.Entry is null ? "x" : "a", step.Entry ?? ReadOnlyMemory<byte>.Empty, Expected(step.ExpectedLast)]);
        }

        return [.. arguments];
    }

    private async ValueTask<List<StoreEvent>> ReadEventsAsync(long after, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(RedisScripts.Events, [_keys.Position, _keys.History], [after, WatchPage], writes: false, cancellationToken);
        CheckStore((RedisValue)answer[0]);
        var position = new StorePosition((long)answer[1], (long)answer[2]);
        return after >= position.Compacted && after <= position.Revision
            ? RedisAnswers.ToEvents((RedisResult[])answer[3]!)
            : throw new RevisionUnavailableException(after, position);
    }

    private void CheckStore(RedisValue id)
    {
        if (id != Id)
        {
            throw _server.AnotherStore();
        }
    }

    private void Wake() => Interlocked.Exchange(ref _committed, NewSignal()).SetResult();

    private static string Expected(long? expected) => expected?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
