using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Sluice.Contracts;

namespace Sluice.RegistryBench;

/// <summary>
/// Many watchers in one process. They look for the lines <c>id: revision</c> only: on two cores the reader's work would be most of what is measured.
/// </summary>
internal sealed class Watching(HttpClient http, int watchers) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<long, Arrivals> _arrivals = new();
    private Task _reading = Task.CompletedTask;
    private int _snapshots;
    private long _newest;

    /// <summary>The newest revision that any watcher saw.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>Opens all of them at once, and waits until each has the whole state.</summary>
    public async Task StartAsync()
    {
        _reading = Task.WhenAll(Enumerable.Range(0, watchers).Select(_ => Task.Run(WatchAsync)));
        while (Volatile.Read(ref _snapshots) < watchers)
        {
            if (_reading.IsFaulted)
            {
                await _reading;
            }

            await Task.Delay(5);
        }
    }

    /// <summary>Waits until every watcher saw the first revision after one, and answers when (a timestamp) the last of them did.</summary>
    public Task<long> LastArrivalAsync(long revision) => _arrivals.GetOrAdd(revision, _ => new Arrivals()).Last.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        using var answer = await http.GetAsync(ApiPaths.Watch, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync(_end.Token);
        var buffer = new byte[16 * 1024];
        var (line, first) = (new LineStart(), true);
        while (await stream.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var revision in line.Revisions(buffer.AsSpan(0, read)))
            {
                if (first)
                {
                    first = false;
                    continue; // the snapshot is whole when its last line ended
                }

                Saw(revision, now);
            }

            if (!first && line.SnapshotEnded())
            {
                Interlocked.Increment(ref _snapshots);
            }
        }
    }

    private void Saw(long revision, long now)
    {
        InterlockedMax(revision);
        var arrivals = _arrivals.GetOrAdd(revision, _ => new Arrivals());
        if (Interlocked.Increment(ref arrivals.Count) == watchers)
        {
            arrivals.Last.TrySetResult(now);
        }
    }

    private void InterlockedMax(long revision)
    {
        for (var before = Newest; before < revision; before = Newest)
        {
            Interlocked.CompareExchange(ref _newest, revision, before);
        }
    }

    private sealed class Arrivals
    {
        public int Count;

        public TaskCompletionSource<long> Last { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Finds <c>id: </c> lines in a stream that is cut anywhere, and the empty line that ends the first event.</summary>
    private sealed class LineStart
    {
        private readonly StringBuilder _start = new(); // of the current line, as far as it can matter
        private bool _ended;
        private bool _told;

        public bool SnapshotEnded()
        {
            var news = _ended && !_told;
            _told |= news;
            return news;
        }

        public List<long> Revisions(ReadOnlySpan<byte> bytes)
        {
            var found = new List<long>();
            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)'\n');
                var part = end < 0 ? bytes : bytes[..end];
                _start.Append(Encoding.ASCII.GetString(part[..Math.Min(part.Length, Math.Max(0, 32 - _start.Length))]));
                if (end < 0)
                {
                    break;
                }

                var text = _start.ToString();
                _ended |= text.Length == 0;
                if (text.StartsWith("id: ", StringComparison.Ordinal))
                {
                    found.Add(long.Parse(text.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture));
                }

                _start.Clear();
                bytes = bytes[(end + 1)..];
            }

            return found;
        }
    }
}
