using Sluice.Registry.Streams;

namespace Sluice.Registry.Archives;

/// <summary>What comes out of a decompressor, bounded by what went in: files of models do not shrink a hundredfold, bombs do.</summary>
/// <param name="expanded">The decompressor.</param>
/// <param name="compressed">What it reads from.</param>
internal sealed class ExpansionLimitStream(Stream expanded, CountingStream compressed) : ForwardStream
{
    private const long HighestRatio = 200;

    /// <summary>Bytes that may come out in any case.</summary>
    private const long Allowance = 16 * 1024 * 1024;

    private long _out;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await expanded.ReadAsync(buffer, cancellationToken);
        _out += read;
        return _out <= Allowance + (HighestRatio * compressed.Count)
            ? read
            : throw new ArchiveLimitException($"The archive expands more than {HighestRatio}-fold; send it uncompressed.");
    }
}
