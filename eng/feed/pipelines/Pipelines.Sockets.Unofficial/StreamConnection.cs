using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>Streams as pipes.</summary>
public static class StreamConnection
{
    /// <summary>A stream that goes both ways, TLS say, as a pair of pipes. Disposing the answer disposes the stream.</summary>
    public static IDuplexPipe GetDuplex(Stream stream, PipeOptions? sendPipeOptions, PipeOptions? receivePipeOptions, string? name = null)
    {
        var pump = new Pump(stream, sendPipeOptions, receivePipeOptions);
        pump.Start(sendPipeOptions, receivePipeOptions);
        return new Duplex(pump, name ?? nameof(StreamConnection));
    }

    /// <summary>A stream that is only read.</summary>
    public static PipeReader GetReader(Stream stream, PipeOptions? pipeOptions = null, string? name = null) =>
        PipeReader.Create(stream, new StreamPipeReaderOptions(pipeOptions?.Pool));

    private sealed class Duplex(Pump pump, string name) : IMeasuredDuplexPipe, IDisposable
    {
        public PipeReader Input => pump.Input;

        public PipeWriter Output => pump.Output;

        public long TotalBytesSent => pump.Sent;

        public long TotalBytesReceived => pump.Received;

        public void Dispose() => pump.Dispose();

        public override string ToString() => name;
    }
}
