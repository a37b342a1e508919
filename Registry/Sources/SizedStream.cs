using Sluice.Registry.Streams;

namespace Sluice.Registry.Sources;

/// <summary>A file as it is fetched: it must have the bytes that it was listed with. One that grows cannot get past a limit that was checked before.</summary>
internal sealed class SizedStream(Stream inner, SourceFile file) : ForwardStream
{
    private long _read;

    public override long Length => file.Size;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _read += read;
        return _read > file.Size || (read == 0 && _read < file.Size && !buffer.IsEmpty)
            ? throw new BadHttpRequestException(
                $"storageUri: {file.Path} changed while it was fetched: it was listed with {file.Size} bytes.", StatusCodes.Status422UnprocessableEntity)
            : read;
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
