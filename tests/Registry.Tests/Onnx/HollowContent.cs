using System.Net;
using System.Net.Http.Headers;

namespace Sluice.Registry.Tests.Onnx;

/// <summary>A model with a weight of zeros, made while it is sent.</summary>
internal sealed class HollowContent : HttpContent
{
    private readonly HollowModel _model;

    public HollowContent(byte[] model, long weightBytes)
    {
        _model = new HollowModel(model, weightBytes);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var buffer = new byte[1 << 20];
        while (_model.Read(buffer) is var read and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), TestContext.Current.CancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _model.Length;
        return true;
    }
}
