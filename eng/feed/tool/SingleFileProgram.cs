using System.IO.Compression;
using System.Text;

namespace Sluice.Feed;

/// <summary>
/// A .NET program published as a single file: behind the host lie the files that it brings, and a list of them (the bundle manifest).
/// </summary>
/// <remarks>
/// The host holds a 32-byte signature; the 8 bytes before it are the offset of the list. The list (version 6, since .NET 6): two 32-bit
/// version numbers, the 32-bit count of files, an id, offset and size of two json files, 64 bits of flags, and for each file
/// offset, size, compressed size (0: stored as it is; else deflate), a byte for its type, and its path. Texts have a 7-bit-coded length.
/// </remarks>
internal sealed class SingleFileProgram : IDisposable
{
    private const int PointerSize = sizeof(long);
    private const uint SupportedVersion = 6;
    private const int MaxFiles = 100_000;

    /// <summary>SHA-256 of ".net core bundle" and a line feed, as the runtime's host writes it.</summary>
    private static ReadOnlySpan<byte> Signature =>
    [
        0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
        0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
    ];

    private readonly string _path;
    private readonly FileStream _file;
    private readonly Dictionary<string, Entry> _entries;

    private SingleFileProgram(string path, FileStream file, Dictionary<string, Entry> entries) =>
        (_path, _file, _entries) = (path, file, entries);

    /// <summary>The paths of the files in the program.</summary>
    public IReadOnlyCollection<string> Files => _entries.Keys;

    /// <summary>Opens a program and reads its list.</summary>
    /// <exception cref="FeedException">It is no such program, or one of another form.</exception>
    public static SingleFileProgram Open(string path)
    {
        var file = File.OpenRead(path);
        try
        {
            return new SingleFileProgram(path, file, ReadList(path, file));
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or ArgumentException or DecoderFallbackException)
        {
            file.Dispose();
            throw new FeedException($"{path}: the list of the files in this single-file program is damaged ({exception.Message})", exception);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes one of the files to a path.</summary>
    public void Extract(string name, string target)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw new FeedException($"{_path}: there is no file '{name}' in this single-file program");
        }

        _file.Position = entry.Offset;
        using var content = new SubStream(_file, entry.CompressedSize > 0 ? entry.CompressedSize : entry.Size);
        using Stream plain = entry.CompressedSize > 0 ? new DeflateStream(content, CompressionMode.Decompress) : content;
        using var output = File.Create(target);
        try
        {
            plain.CopyTo(output);
        }
        catch (InvalidDataException exception)
        {
            throw new FeedException($"{_path}: the file '{name}' in it is damaged ({exception.Message})", exception);
        }

        if (output.Length != entry.Size)
        {
            throw new FeedException($"{_path}: the file '{name}' in it has {output.Length} bytes where {entry.Size} are announced");
        }
    }

    public void Dispose() => _file.Dispose();

    private static Dictionary<string, Entry> ReadList(string path, FileStream file)
    {
        file.Position = FindOffset(path, file);
        using var reader = new BinaryReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true), leaveOpen: true);
        var version = reader.ReadUInt32();
        reader.ReadUInt32();
        var count = reader.ReadInt32();
        if (version != SupportedVersion || count is < 0 or > MaxFiles)
        {
            throw new FeedException($"{path}: a list of files of version {version} with {count} files; version {SupportedVersion} is understood");
        }

        reader.ReadString();
        reader.ReadBytes(5 * sizeof(long));
        var entries = new Dictionary<string, Entry>(count);
        for (var i = 0; i < count; i++)
        {
            var entry = new Entry(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            reader.ReadByte();
            var name = reader.ReadString();
            var stored = entry.CompressedSize > 0 ? entry.CompressedSize : entry.Size;
            if (entry.Offset < 0 || entry.Size < 0 || entry.CompressedSize < 0 || stored > file.Length - entry.Offset)
            {
                throw new FormatException($"'{name}' would lie outside of the program");
            }

            entries[name] = entry;
        }

        return entries;
    }

    /// <summary>Finds the signature; the search reads the file in pieces that overlap, so that none is missed between two.</summary>
    private static long FindOffset(string path, FileStream file)
    {
        var overlap = PointerSize + Signature.Length;
        var buffer = new byte[1 << 20];
        for (long start = 0; start + overlap <= file.Length; start += buffer.Length - overlap)
        {
            file.Position = start;
            var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var found = buffer.AsSpan(0, read).IndexOf(Signature);
            if (found >= PointerSize)
            {
                var offset = BitConverter.ToInt64(buffer, found - PointerSize);
                return offset > 0 && offset < file.Length ? offset : throw new FeedException($"{path}: a .NET host, but not a single-file program");
            }
        }

        throw new FeedException($"{path}: this is no single-file .NET program");
    }

    private readonly record struct Entry(long Offset, long Size, long CompressedSize);
}
