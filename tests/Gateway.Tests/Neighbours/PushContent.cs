using System.Net;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>A body that a test writes as it goes along, of a length that is not declared.</summary>
internal sealed class PushContent(Func<Stream, Task> write) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
