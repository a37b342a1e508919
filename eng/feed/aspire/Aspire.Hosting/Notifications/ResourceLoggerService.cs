using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line of a resource's console log.</summary>
/// <param name="LineNumber">From 1, per watcher.</param>
/// <param name="Content">The text, after a time stamp.</param>
/// <param name="IsErrorMessage">Whether it is from the error stream.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>
/// Console logs of resources: what the AppHost says about a resource is kept here (the last thousand lines), what its process
/// wrote is kept by DCP and fetched for each watcher.
/// </summary>
public class ResourceLoggerService
{
    private const int KeptLines = 1000;
    private readonly ConcurrentDictionary<string, Log> _logs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the output of processes comes from: set while DCP runs.</summary>
    internal Func<string, bool, ChannelWriter<(string Text, bool IsError)>, CancellationToken, Task>? ProcessOutput { get; set; }

    /// <summary>A logger whose lines appear in the console log of each process of the resource.</summary>
    public ILogger GetLogger(IResource resource) => new LineLogger([.. resource.GetInstanceIds().Select(Find)]);

    /// <summary>A logger whose lines appear in the console log of one process.</summary>
    public ILogger GetLogger(string resourceName) => new LineLogger([Find(resourceName)]);

    /// <summary>The console log of a process: what there is, then what comes.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => WatchAsync(resourceName, follow: true, CancellationToken.None);

    internal async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(
        string resourceName, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<(string Text, bool IsError)>(10_000);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var log = Find(resourceName);
        log.Subscribe(channel.Writer);
        var output = ReadOutputAsync(resourceName, follow, channel.Writer, stop.Token);
        var count = 0;
        try
        {
            while (await channel.Reader.WaitToReadAsync(stop.Token).ConfigureAwait(false))
            {
                var batch = new List<LogLine>();
                while (batch.Count < 100 && channel.Reader.TryRead(out var line))
                {
                    batch.Add(new LogLine(++count, line.Text, line.IsError));
                }

                yield return batch;
            }
        }
        finally
        {
            log.Unsubscribe(channel.Writer);
            await stop.CancelAsync().ConfigureAwait(false);
            await output.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadOutputAsync(string id, bool follow, ChannelWriter<(string Text, bool IsError)> lines, CancellationToken cancellationToken)
    {
        if (ProcessOutput is { } read)
        {
            await read(id, follow, lines, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!follow)
        {
            lines.Complete();
        }
    }

    private Log Find(string id) => _logs.GetOrAdd(id, _ => new Log());

    private sealed class Log
    {
        private readonly Lock _lock = new();
        private readonly Queue<(string Text, bool IsError)> _kept = [];
        private readonly List<ChannelWriter<(string Text, bool IsError)>> _watchers = [];

        public void Add(string text, bool isError)
        {
            lock (_lock)
            {
                _kept.Enqueue((text, isError));
                if (_kept.Count > KeptLines)
                {
                    _kept.Dequeue();
                }

                _watchers.ForEach(watcher => watcher.TryWrite((text, isError)));
            }
        }

        public void Subscribe(ChannelWriter<(string Text, bool IsError)> watcher)
        {
            lock (_lock)
            {
                foreach (var line in _kept)
                {
                    watcher.TryWrite(line);
                }

                _watchers.Add(watcher);
            }
        }

        public void Unsubscribe(ChannelWriter<(string Text, bool IsError)> watcher)
        {
            lock (_lock)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    private sealed class LineLogger(Log[] logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // The dashboard takes the time stamp off the front and shows it in its own column.
            var text = $"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ} {formatter(state, exception)}{(exception is null ? "" : $" {exception.Message}")}";
            foreach (var log in logs)
            {
                log.Add(text, level >= LogLevel.Error);
            }
        }
    }
}
