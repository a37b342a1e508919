using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial;

/// <summary>Carries bytes between a stream and a pair of pipes, one loop for each direction, until one side ends.</summary>
internal sealed class Pump
{
    /// <summary>Bytes that are asked for at once, at least.</summary>
    private const int Chunk = 4096;

    private readonly Stream _wire;
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;
    private int _shutdownKind;
    private long _sent;
    private long _received;
    private int _lastReceived;

    public Pump(Stream wire, PipeOptions? sendOptions, PipeOptions? receiveOptions)
    {
        _wire = wire;
        _outgoing = new Pipe(sendOptions ?? PipeOptions.Default);
        _incoming = new Pipe(receiveOptions ?? PipeOptions.Default);
    }

    /// <summary>What came in.</summary>
    public PipeReader Input => _incoming.Reader;

    /// <summary>What is to go out.</summary>
    public PipeWriter Output => _outgoing.Writer;

    public long Sent => Volatile.Read(ref _sent);

    public long Received => Volatile.Read(ref _received);

    /// <summary>Bytes that came in last.</summary>
    public int LastReceived => Volatile.Read(ref _lastReceived);

    /// <summary>What ended the connection first.</summary>
    public PipeShutdownKind ShutdownKind => (PipeShutdownKind)Volatile.Read(ref _shutdownKind);

    /// <summary>The socket's error, where that was it.</summary>
    public SocketError SocketError { get; private set; }

    /// <summary>Starts both loops where the options want them to run.</summary>
    public void Start(PipeOptions? sendOptions, PipeOptions? receiveOptions)
    {
        (sendOptions ?? PipeOptions.Default).ReaderScheduler.Schedule(static pump => _ = ((Pump)pump!).SendAllAsync(), this);
        (receiveOptions ?? PipeOptions.Default).WriterScheduler.Schedule(static pump => _ = ((Pump)pump!).ReceiveAllAsync(), this);
    }

    /// <summary>Remembers what ended the connection, unless something else did before.</summary>
    public bool TrySetShutdown(PipeShutdownKind kind) => Interlocked.CompareExchange(ref _shutdownKind, (int)kind, 0) == 0;

    /// <summary>Ends both loops.</summary>
    public void Dispose()
    {
        TrySetShutdown(PipeShutdownKind.PipeDisposed);
        try
        {
            _wire.Dispose();
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException)
        {
            // It is broken already, or the loops are in the middle of it; they end by that.
        }
    }

    private async Task ReceiveAllAsync()
    {
        Exception? failure = null;
        var writer = _incoming.Writer;
        try
        {
            while (await _wire.ReadAsync(writer.GetMemory(Chunk)).ConfigureAwait(false) is var count and > 0)
            {
                Volatile.Write(ref _lastReceived, count);
                Interlocked.Add(ref _received, count);
                writer.Advance(count);
                if ((await writer.FlushAsync().ConfigureAwait(false)).IsCompleted)
                {
                    TrySetShutdown(PipeShutdownKind.ReadFlushCompleted);
                    return;
                }
            }

            TrySetShutdown(PipeShutdownKind.ReadEndOfStream);
        }
        catch (Exception exception)
        {
            failure = Explain(exception, reading: true);
        }
        finally
        {
            await writer.CompleteAsync(failure).ConfigureAwait(false);
        }
    }

    private async Task SendAllAsync()
    {
        Exception? failure = null;
        var reader = _outgoing.Reader;
        try
        {
            for (var ended = false; !ended;)
            {
                var result = await reader.ReadAsync().ConfigureAwait(false);
                foreach (var piece in result.Buffer)
                {
                    await _wire.WriteAsync(piece).ConfigureAwait(false);
                    Interlocked.Add(ref _sent, piece.Length);
                }

                await _wire.FlushAsync().ConfigureAwait(false);
                ended = result.IsCompleted;
                reader.AdvanceTo(result.Buffer.End);
            }

            TrySetShutdown(PipeShutdownKind.WriteEndOfStream);
        }
        catch (Exception exception)
        {
            failure = Explain(exception, reading: false);
        }
        finally
        {
            await reader.CompleteAsync(failure).ConfigureAwait(false);
        }
    }

    // The first to end the connection leaves its reason; who was closed from this side has nothing to report.
    private Exception? Explain(Exception exception, bool reading)
    {
        if (ShutdownKind == PipeShutdownKind.PipeDisposed)
        {
            return null;
        }

        var error = (exception as SocketException ?? exception.InnerException as SocketException)?.SocketErrorCode;
        var kind = exception switch
        {
            ObjectDisposedException => reading ? PipeShutdownKind.ReadDisposed : PipeShutdownKind.WriteDisposed,
            _ when error is not null => reading ? PipeShutdownKind.ReadSocketError : PipeShutdownKind.WriteSocketError,
            IOException => reading ? PipeShutdownKind.ReadIOException : PipeShutdownKind.WriteIOException,
            _ => reading ? PipeShutdownKind.ReadException : PipeShutdownKind.WriteException,
        };
        if (TrySetShutdown(kind) && error is not null)
        {
            SocketError = error.Value;
        }

        return error == SocketError.ConnectionReset ? new ConnectionResetException("The other side reset the connection.", exception) : exception;
    }
}
