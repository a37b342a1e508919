using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A connection that counts its bytes.</summary>
public interface IMeasuredDuplexPipe : IDuplexPipe
{
    /// <summary>Bytes that went out.</summary>
    long TotalBytesSent { get; }

    /// <summary>Bytes that came in.</summary>
    long TotalBytesReceived { get; }
}
