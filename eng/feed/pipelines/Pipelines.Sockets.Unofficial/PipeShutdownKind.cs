namespace Pipelines.Sockets.Unofficial;

/// <summary>What ended a connection first. The numbers are those of the published package: callers have them compiled in.</summary>
public enum PipeShutdownKind
{
    /// <summary>Nothing: it is open.</summary>
    None = 0,

    /// <summary>It was disposed.</summary>
    PipeDisposed = 1,

    /// <summary>The other side sends no more.</summary>
    ReadEndOfStream = 100,

    /// <summary>The wire was disposed while it was read.</summary>
    ReadDisposed = 101,

    /// <summary>Reading the wire failed.</summary>
    ReadIOException = 102,

    /// <summary>Reading failed otherwise.</summary>
    ReadException = 103,

    /// <summary>The socket failed while it was read.</summary>
    ReadSocketError = 104,

    /// <summary>Nobody reads what comes in any more.</summary>
    ReadFlushCompleted = 105,

    /// <summary>Nothing more is to be sent.</summary>
    WriteEndOfStream = 200,

    /// <summary>The wire was disposed while it was written.</summary>
    WriteDisposed = 201,

    /// <summary>Writing the wire failed.</summary>
    WriteIOException = 203,

    /// <summary>Writing failed otherwise.</summary>
    WriteException = 204,

    /// <summary>The socket failed while it was written.</summary>
    WriteSocketError = 205,

    /// <summary>The client said that it ends the conversation.</summary>
    ProtocolExitClient = 400,

    /// <summary>The server said that it ends the conversation.</summary>
    ProtocolExitServer = 401,
}

/// <summary>The other side reset the connection.</summary>
public sealed class ConnectionResetException(string message, Exception cause) : IOException(message, cause);
