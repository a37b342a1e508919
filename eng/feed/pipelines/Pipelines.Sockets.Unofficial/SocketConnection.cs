using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial;

/// <summary>How a connection treats its socket. Here there is one way.</summary>
[Flags]
public enum SocketConnectionOptions
{
    /// <summary>That one.</summary>
    None = 0,
}

/// <summary>A connected socket as a pair of pipes.</summary>
public sealed class SocketConnection : IMeasuredDuplexPipe, IDisposable
{
    private readonly Socket _socket;
    private readonly Pump _pump;
    private readonly string _name;

    private SocketConnection(Socket socket, PipeOptions? sendPipeOptions, PipeOptions? receivePipeOptions, string? name)
    {
        _socket = socket;
        _name = name ?? nameof(SocketConnection);
        _pump = new Pump(new NetworkStream(socket, ownsSocket: true), sendPipeOptions, receivePipeOptions);
        _pump.Start(sendPipeOptions, receivePipeOptions);
    }

    /// <inheritdoc />
    public PipeReader Input => _pump.Input;

    /// <inheritdoc />
    public PipeWriter Output => _pump.Output;

    /// <summary>Bytes that came in.</summary>
    public long BytesRead => _pump.Received;

    /// <summary>Bytes that went out.</summary>
    public long BytesSent => _pump.Sent;

    /// <summary>Bytes that came in last.</summary>
    public int LastReceived => _pump.LastReceived;

    /// <summary>What ended the connection first.</summary>
    public PipeShutdownKind ShutdownKind => _pump.ShutdownKind;

    /// <summary>The socket's error, where that was it.</summary>
    public SocketError SocketError => _pump.SocketError;

    long IMeasuredDuplexPipe.TotalBytesSent => BytesSent;

    long IMeasuredDuplexPipe.TotalBytesReceived => BytesRead;

    /// <summary>Whether everything that it needs is there: it is, being part of the framework.</summary>
    public static void AssertDependencies()
    {
    }

    /// <summary>Small writes go out at once.</summary>
    public static void SetRecommendedClientOptions(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
        {
            socket.NoDelay = true;
        }
    }

    /// <summary>Takes a connected socket over.</summary>
    public static SocketConnection Create(
        Socket socket,
        PipeOptions? sendPipeOptions,
        PipeOptions? receivePipeOptions,
        SocketConnectionOptions socketConnectionOptions = SocketConnectionOptions.None,
        string? name = null) => new(socket, sendPipeOptions, receivePipeOptions, name);

    /// <summary>Leaves word that the protocol, not the network, ended the connection. False when something else did before.</summary>
    public bool TrySetProtocolShutdown(PipeShutdownKind kind) =>
        kind is PipeShutdownKind.ProtocolExitClient or PipeShutdownKind.ProtocolExitServer && _pump.TrySetShutdown(kind);

    /// <summary>Figures for error messages.</summary>
    public Counters GetCounters()
    {
        try
        {
            return new Counters(_socket.Available);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return new Counters(0);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _pump.Dispose();

    /// <summary>Its name.</summary>
    public override string ToString() => _name;

    /// <summary>Bytes that are on their way.</summary>
    public readonly struct Counters
    {
        internal Counters(long bytesAvailableOnSocket) => BytesAvailableOnSocket = bytesAvailableOnSocket;

        /// <summary>In the socket, not yet read.</summary>
        public long BytesAvailableOnSocket { get; }

        /// <summary>Read, and waiting to be looked at: -1, not counted.</summary>
        public long BytesWaitingToBeRead { get; } = -1;

        /// <summary>Waiting to be sent: -1, not counted.</summary>
        public long BytesWaitingToBeSent { get; } = -1;
    }
}
