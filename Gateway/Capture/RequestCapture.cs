using System.Buffers;
using System.Collections.Frozen;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Capture;

/// <summary>
/// Writes a share of the requests, with their answers, to files. Callers never wait for it: one thread writes, and what it cannot keep up with is dropped; a
/// disk that fails costs lines, and nothing else.
/// </summary>
internal sealed partial class RequestCapture : IHostedService
{
    private const int ShareOfBudget = 8;
    private const int MostPending = 256 * 1024;
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly CaptureOptions _options;
    private readonly CaptureFiles _files;
    private readonly CaptureFigures _figures;
    private readonly TimeProvider _time;
    private readonly ILogger<RequestCapture> _logger;
    private readonly FrozenSet<string> _models;
    private readonly CaptureLine _line;
    private readonly Channel<CapturedRequest> _queue;
    private readonly long _mostBytes;
    private readonly int _mostBodyBytes;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly ArrayBufferWriter<byte> _next = new();
    private int _pendingLines;
    private long _bytes;
    private long? _nextWarning;

    public RequestCapture(
        IOptions<CaptureOptions> options, IOptions<GatewayOptions> gateway, CaptureFiles files, CaptureFigures figures, TimeProvider time, ILogger<RequestCapture> logger)
    {
        (_options, _files, _figures, _time, _logger) = (options.Value, files, figures, time, logger);
        _models = _options.Models.ToFrozenSet(StringComparer.Ordinal);
        _line = new CaptureLine(_options.Bodies, new Redaction(_options.Redact));
        _queue = Channel.CreateBounded<CapturedRequest>(_options.Queue);
        _mostBytes = gateway.Value.HeldBytes / ShareOfBudget;
        _mostBodyBytes = _options.Bodies == CaptureBodies.Whole ? _options.MaxBodyBytes : -1;
    }

    /// <summary>Whether a request for a model is to be captured.</summary>
    public bool Draws(string model) =>
        _options.IsOn && (_models.Count == 0 || _models.Contains(model)) && Random.Shared.NextDouble() < _options.Share;

    /// <summary>Takes a request that was drawn, answered in whatever way; returns at once.</summary>
    public void Offer(InferenceCall call, VersionRoute version)
    {
        if (_queue.Reader.Count >= _options.Queue)
        {
            _figures.Add(CaptureResult.Dropped);
            return;
        }

        var request = new CapturedRequest(call, version, _time.GetUtcNow(), _mostBodyBytes);
        if (Interlocked.Add(ref _bytes, request.Size) > _mostBytes || !_queue.Writer.TryWrite(request))
        {
            LetGo(request);
            _figures.Add(CaptureResult.Dropped);
        }
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.IsOn)
        {
            // A thread of its own: a disk that stalls holds up nobody else.
            new Thread(Write) { IsBackground = true, Name = "capture" }.Start();
        }
        else
        {
            _ended.SetResult();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await Task.WhenAny(_ended.Task, Task.Delay(Farewell, _time, cancellationToken)); // a disk that stalls does not hold up the end
        while (_queue.Reader.TryRead(out var request))
        {
            LetGo(request);
            _figures.Add(CaptureResult.Dropped);
        }
    }

    private void Write()
    {
        var flushed = _time.GetTimestamp();
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (reader.TryRead(out var request))
            {
                Add(request);
                if (_time.GetElapsedTime(flushed) >= FlushEvery)
                {
                    Flush();
                    flushed = _time.GetTimestamp();
                }
            }

            // Nobody waits: what there is goes to the disk.
            Flush();
            flushed = _time.GetTimestamp();
        }

        _files.Dispose();
        _ended.SetResult();
    }

    private void Add(CapturedRequest request)
    {
        try
        {
            _next.ResetWrittenCount();
            _line.Write(_next, request);
        }
        catch (Exception exception)
        {
            Fail(exception, lines: 1); // a mistake of ours costs this line
            return;
        }
        finally
        {
            LetGo(request);
        }

        if (_next.WrittenCount > _options.MaxFileBytes)
        {
            _figures.Add(CaptureResult.Dropped); // no file could take it
            return;
        }

        if (_pending.WrittenCount + _next.WrittenCount > Math.Min(MostPending, _options.MaxFileBytes))
        {
            Flush();
        }

        _pending.Write(_next.WrittenSpan);
        _pendingLines++;
    }

    private void Flush()
    {
        if (_pendingLines == 0)
        {
            return;
        }

        try
        {
            _files.Append(_pending.WrittenSpan);
            _figures.Add(CaptureResult.Written, _pendingLines);
        }
        catch (Exception exception)
        {
            Fail(exception, _pendingLines);
        }

        _pending.ResetWrittenCount();
        _pendingLines = 0;
    }

    private void LetGo(CapturedRequest request)
    {
        Interlocked.Add(ref _bytes, -request.Size);
        request.Release();
    }

    private void Fail(Exception exception, int lines)
    {
        _figures.Add(CaptureResult.Failed, lines);
        if (_nextWarning is { } next && _time.GetTimestamp() < next)
        {
            return;
        }

        _nextWarning = _time.GetTimestamp() + (long)(BetweenWarnings.TotalSeconds * _time.TimestampFrequency);
        LogFailed(_options.Folder!, exception.Message);
    }

    [LoggerMessage(LogLevel.Warning, "Requests cannot be captured to {Folder} (Gateway:Capture:Folder); said once a minute: {Reason}")]
    private partial void LogFailed(string folder, string reason);
}
