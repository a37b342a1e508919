using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sluice.Contracts;

/// <summary>Where the state that a service works by came from.</summary>
public enum StateSource
{
    /// <summary>Nothing was read yet.</summary>
    None,

    /// <summary>The file of the last known good state; the Registry was not heard since the start.</summary>
    LastKnownGood,

    /// <summary>The Registry, at least once since the start.</summary>
    Registry,
}

/// <summary>
/// Follows the Registry for the life of the process: starts from the last known good state, reconnects when cut, resumes after the last revision
/// seen, and keeps the file up to date.
/// </summary>
public sealed partial class RegistryWatch : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    private readonly RegistryClient _client;
    private readonly LastKnownGood _file;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger<RegistryWatch> _logger;
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();
    private ClusterState _current = ClusterState.Empty;
    private ClusterState _written = ClusterState.Empty;
    private long _lastHeard;

    /// <summary>Reads the last known good state; the Registry is asked once the host starts.</summary>
    public RegistryWatch(RegistryClient client, IOptions<RegistryClientOptions> options, TimeProvider time, ILogger<RegistryWatch> logger)
    {
        _client = client;
        _time = time;
        _logger = logger;
        _timeout = options.Value.WatchTimeout;
        _file = new LastKnownGood(options.Value.StateFile);
        ReadFile();
    }

    /// <summary>The newest state.</summary>
    public ClusterState Current => Volatile.Read(ref _current);

    /// <summary>Where <see cref="Current"/> came from.</summary>
    public StateSource Source { get; private set; }

    /// <summary>Whether the Registry is being heard at this moment.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Time since the Registry was last heard; null when never.</summary>
    public TimeSpan? Silence => Volatile.Read(ref _lastHeard) is var heard and not 0 ? _time.GetElapsedTime(heard) : null;

    /// <summary>Waits until the state is another one than the given, and returns it. Changes in between are not queued.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ClusterState> WaitForChangeAsync(ClusterState seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (!ReferenceEquals(_current, seen))
                {
                    return _current;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(FollowAsync(stoppingToken), KeepFileAsync(stoppingToken));

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => pause = FirstPause, stoppingToken);
                LogEnded();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogCut(exception.Message, pause.TotalSeconds);
            }

            IsConnected = false;
            await Task.Delay(pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    private async Task ListenAsync(Action heard, CancellationToken stoppingToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        silence.CancelAfter(_timeout);
        var state = Current;
        await foreach (var watchEvent in _client.WatchAsync(state.Revision, state.StoreId, silence.Token))
        {
            silence.CancelAfter(_timeout);
            Volatile.Write(ref _lastHeard, _time.GetTimestamp());
            if (!IsConnected)
            {
                IsConnected = true;
                LogConnected(Current.Revision);
            }

            heard();
            Publish(watchEvent is null ? Current : Current.Apply(watchEvent), StateSource.Registry);
        }
    }

    private void Publish(ClusterState state, StateSource source)
    {
        lock (_lock)
        {
            // The first word of the Registry is news even when it changes nothing: the source of the state does.
            if (ReferenceEquals(state, _current) && source == Source)
            {
                return;
            }

            Source = source;
            Volatile.Write(ref _current, state);
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    private async Task KeepFileAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // The pause ends early at shutdown, so that the last state is written too.
            await Task.Delay(WriteInterval, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            WriteFile();
        }
    }

    private void ReadFile()
    {
        try
        {
            if (_file.Read() is { } state)
            {
                _written = state;
                Publish(state, StateSource.LastKnownGood);
                LogStartedFromFile(state.Revision);
            }
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            LogFileUnreadable(exception.Message);
        }
    }

    private void WriteFile()
    {
        var state = Current;
        if (ReferenceEquals(state, _written) || state.StoreId is null)
        {
            return;
        }

        try
        {
            _file.Write(state);
            _written = state;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFileUnwritable(exception.Message);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Information, "Following the Registry from revision {Revision}")]
    private partial void LogConnected(long revision);

    [LoggerMessage(LogLevel.Information, "The Registry ended the watch; it is asked again")]
    private partial void LogEnded();

    [LoggerMessage(LogLevel.Warning, "The Registry cannot be heard ({Problem}); serving goes on from the last state, next try in {Seconds} s. Check that the Registry runs and that RegistryClient:Address is right")]
    private partial void LogCut(string problem, double seconds);

    [LoggerMessage(LogLevel.Information, "Starting from the last known good state, revision {Revision}")]
    private partial void LogStartedFromFile(long revision);

    [LoggerMessage(LogLevel.Error, "The last known good state cannot be read ({Problem}); the service waits for the Registry. RegistryClient:StateFile names the file: delete it if it is damaged")]
    private partial void LogFileUnreadable(string problem);

    [LoggerMessage(LogLevel.Error, "The last known good state cannot be written ({Problem}); a restart while the Registry is down would find an old one. Check the folder of RegistryClient:StateFile")]
    private partial void LogFileUnwritable(string problem);
}
