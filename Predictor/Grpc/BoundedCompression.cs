using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Sluice.Predictor.Grpc;

/// <summary>A compression whose messages may not grow beyond a limit: the library's own limit is on the bytes that come, which a few kilobytes of zeros pass.</summary>
/// <param name="inner">Does it.</param>
/// <param name="limit">Bytes of a message, unpacked.</param>
internal sealed class BoundedCompression(ICompressionProvider inner, long limit) : ICompressionProvider
{
    public string EncodingName => inner.EncodingName;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => inner.CreateCompressionStream(stream, compressionLevel);

    public Stream CreateDecompressionStream(Stream stream) => new Unpacked(inner.CreateDecompressionStream(stream), limit);

    private sealed class Unpacked(Stream inner, long limit) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            _read += count;
            return _read <= limit ? count : throw GrpcFault.Client(StatusCode.ResourceExhausted, $"The message, unpacked, is larger than {limit} bytes.");
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
