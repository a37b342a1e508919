using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Backchannel;

/// <summary>The AppHost's log for the CLI, from the start on; the oldest lines go where nobody reads.</summary>
internal sealed class LogEntries : ILoggerProvider
{
    private const int Capacity = 10_000;
    private readonly Channel<object> _entries = Channel.CreateBounded<object>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>The lines; for one reader.</summary>
    public IAsyncEnumerable<object> ReadAllAsync(CancellationToken cancellationToken) => _entries.Reader.ReadAllAsync(cancellationToken);

    public ILogger CreateLogger(string categoryName) => new EntryLogger(_entries.Writer, categoryName);

    public void Dispose() => _entries.Writer.TryComplete();

    private sealed class EntryLogger(ChannelWriter<object> entries, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            entries.TryWrite(new
            {
                EventId = new { eventId.Id },
                LogLevel = (int)logLevel,
                Message = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}{Environment.NewLine}{exception}",
                Timestamp = DateTimeOffset.UtcNow,
                CategoryName = category,
            });
    }
}
