using System.Globalization;
using System.Text;
using Sluice.Registry.Store;

namespace Sluice.StoreWriter;

/// <summary>
/// Writes to a SqliteStore until it is killed, and says what was acknowledged: writer and number, one a line. Each batch writes the number to two keys
/// of the writer and adds one to a key that all writers share. A watch goes on after the revision it is given and says each revision that it hears of.
/// </summary>
internal static class Writing
{
    private static async Task Main(string[] args)
    {
        using var store = new SqliteStore(args[0], historyLength: 5000);
        var watched = long.Parse(args[1], CultureInfo.InvariantCulture);
        await Task.WhenAll([.. Enumerable.Range(0, 3).Select(writer => Task.Run(() => WriteAsync(store, writer))), Task.Run(() => WatchAsync(store, watched))]);
    }

    private static async Task WatchAsync(SqliteStore store, long after)
    {
        await foreach (var storeEvent in store.WatchAsync(after, default))
        {
            Console.WriteLine($"watch {storeEvent.Revision}");
        }
    }

    private static async Task WriteAsync(SqliteStore store, int writer)
    {
        for (var number = Parse(await store.GetAsync($"writer/{writer}/a", default)) + 1; ; number++)
        {
            while (!await TryWriteAsync(store, writer, number))
            {
                // Another writer was first.
            }

            Console.WriteLine($"{writer} {number}");
        }
    }

    private static async Task<bool> TryWriteAsync(SqliteStore store, int writer, int number)
    {
        var shared = await store.GetAsync("shared", default);
        var batch = new StoreBatch()
            .Put($"writer/{writer}/a", Format(number))
            .Put("shared", Format(Parse(shared) + 1), shared?.ModRevision ?? StoreBatch.Absent)
            .Put($"writer/{writer}/b", Format(number));
        return (await store.CommitAsync(batch, default)).Succeeded;
    }

    private static int Parse(StoreEntry? entry) => entry is null ? 0 : int.Parse(entry.Value.Span, CultureInfo.InvariantCulture);

    private static byte[] Format(int number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
