using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// A socket operation that can be awaited. Whoever starts one calls <see cref="Complete"/> himself when it ended at once, since the socket then does not.
/// </summary>
/// <param name="ioScheduler">Where the awaiting code goes on; null for the thread that completes.</param>
public class SocketAwaitableEventArgs(PipeScheduler? ioScheduler = null) : SocketAsyncEventArgs, ICriticalNotifyCompletion
{
    private static readonly Action Ended = static () => { };

    // Null: runs and nobody waits yet. Ended: it ended. Else who waits.
    private Action? _continuation;
    private SocketError? _aborted;

    /// <summary>Whether it ended.</summary>
    public bool IsCompleted => ReferenceEquals(Volatile.Read(ref _continuation), Ended);

    /// <summary>Itself.</summary>
    public SocketAwaitableEventArgs GetAwaiter() => this;

    /// <summary>Bytes that were moved.</summary>
    /// <exception cref="SocketException">The operation failed or was aborted.</exception>
    public int GetResult()
    {
        Volatile.Write(ref _continuation, null);

        // An aborted operation still ends by itself some time, with an error that says less.
        var error = _aborted ?? SocketError;
        _aborted = null;
        return error == SocketError.Success ? BytesTransferred : throw new SocketException((int)error);
    }

    /// <summary>The operation ended: who waits goes on.</summary>
    public void Complete()
    {
        var waiting = Interlocked.Exchange(ref _continuation, Ended);
        if (waiting is null || ReferenceEquals(waiting, Ended))
        {
            return;
        }

        if (ioScheduler is null)
        {
            waiting();
        }
        else
        {
            ioScheduler.Schedule(static action => ((Action)action!)(), waiting);
        }
    }

    /// <summary>Who waits goes on with this error, whatever becomes of the operation.</summary>
    public void Abort(SocketError error = SocketError.OperationAborted)
    {
        if (!IsCompleted)
        {
            _aborted = error;
            Complete();
        }
    }

    /// <inheritdoc />
    public void OnCompleted(Action continuation)
    {
        if (Interlocked.CompareExchange(ref _continuation, continuation, null) is not null)
        {
            // It ended in between. Not from here: the caller is not done with suspending itself.
            ThreadPool.UnsafeQueueUserWorkItem(static action => action(), continuation, preferLocal: false);
        }
    }

    /// <inheritdoc />
    public void UnsafeOnCompleted(Action continuation) => OnCompleted(continuation);

    /// <inheritdoc />
    protected override void OnCompleted(SocketAsyncEventArgs e) => Complete();
}
