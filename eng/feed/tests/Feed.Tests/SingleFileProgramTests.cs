using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Sluice.Testing;

namespace Sluice.Feed.Tests;

/// <summary>Reads programs that the test writes by the rules of the format; the real one is read whenever the feed is built.</summary>
public sealed class SingleFileProgramTests : IDisposable
{
    /// <summary>The runtime's definition of the signature: a digest of this text.</summary>
    private static readonly byte[] Signature = SHA256.HashData(".net core bundle\n"u8);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, 100)]
    [InlineData(true, 100)]
    [InlineData(false, (1 << 20) - 20)]
    [InlineData(false, (1 << 20) - 48)]
    [InlineData(true, (3 << 20) + 7)]
    public void A_file_in_the_program_is_written_out_as_it_was(bool compressed, int hostSize)
    {
        using var program = SingleFileProgram.Open(Write(hostSize, compressed));
        program.Extract("lib/A.dll", _folder.PathOf("a"));
        program.Extract("settings.json", _folder.PathOf("b"));

        Assert.Equal(["lib/A.dll", "settings.json"], program.Files.Order());
        Assert.Equal(Content, File.ReadAllText(_folder.PathOf("a")));
        Assert.Equal("{}", File.ReadAllText(_folder.PathOf("b")));
    }

    [Fact]
    public void A_name_that_is_not_in_the_program_is_an_error()
    {
        using var program = SingleFileProgram.Open(Write(100, compressed: false));
        var failure = Assert.Throws<FeedException>(() => program.Extract("B.dll", _folder.PathOf("b")));
        Assert.Contains("there is no file 'B.dll'", failure.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(39)]
    [InlineData(3_000_000)]
    public void Garbage_is_no_program(int size)
    {
        var path = _folder.PathOf("garbage");
        var garbage = new byte[size];
        new Random(7).NextBytes(garbage);
        File.WriteAllBytes(path, garbage);
        var failure = Assert.Throws<FeedException>(() => SingleFileProgram.Open(path));
        Assert.Contains("no single-file .NET program", failure.Message);
    }

    [Fact]
    public void A_host_without_files_is_no_single_file_program()
    {
        var path = _folder.PathOf("host");
        File.WriteAllBytes(path, [.. new byte[64], .. new byte[8], .. Signature, .. new byte[64]]);
        var failure = Assert.Throws<FeedException>(() => SingleFileProgram.Open(path));
        Assert.Contains("not a single-file program", failure.Message);
    }

    [Fact]
    public void A_program_of_another_version_is_refused_by_its_number()
    {
        var failure = Assert.Throws<FeedException>(() => SingleFileProgram.Open(Write(100, compressed: false, version: 7)));
        Assert.Contains("version 7", failure.Message);
    }

    [Fact]
    public void A_program_cut_off_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(Write(100, compressed: false));
        var path = _folder.PathOf("cut");
        for (var length = whole.Length - 1; length > 0; length--)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<FeedException>(() => SingleFileProgram.Open(path));
        }
    }

    [Fact]
    public void A_program_with_any_byte_of_its_list_changed_never_fails_in_another_way()
    {
        var whole = File.ReadAllBytes(Write(100, compressed: true));
        var path = _folder.PathOf("changed");
        for (var at = 100; at < whole.Length; at++)
        {
            var changed = (byte[])whole.Clone();
            changed[at] ^= 0xff;
            File.WriteAllBytes(path, changed);
            try
            {
                using var program = SingleFileProgram.Open(path);
                program.Extract("lib/A.dll", _folder.PathOf("out"));
            }
            catch (FeedException)
            {
                // refused with a reason: as it should be
            }
        }
    }

    private static string Content { get; } = string.Concat(Enumerable.Repeat("assembly ", 50));

    /// <summary>A program: a host of the given size, pointer and signature, the files, and behind them their list.</summary>
    private string Write(int hostSize, bool compressed, uint version = 6)
    {
        var path = _folder.PathOf($"program-{hostSize}");
        using var file = File.Create(path);
        using var writer = new BinaryWriter(file, Encoding.UTF8);
        writer.Write(new byte[hostSize]);
        var pointer = file.Position;
        writer.Write(0L);
        writer.Write(Signature);
        var first = WriteFile(writer, Content, compressed);
        var second = WriteFile(writer, "{}", compressed: false);
        var list = file.Position;
        writer.Write(version);
        writer.Write(0u);
        writer.Write(2);
        writer.Write("an id");
        writer.Write(new byte[40]);
        foreach (var ((offset, size, stored), name) in new[] { (first, "lib/A.dll"), (second, "settings.json") })
        {
            writer.Write(offset);
            writer.Write(size);
            writer.Write(stored);
            writer.Write((byte)1);
            writer.Write(name);
        }

        writer.Seek((int)pointer, SeekOrigin.Begin);
        writer.Write(list);
        return path;
    }

    private static (long Offset, long Size, long Stored) WriteFile(BinaryWriter writer, string content, bool compressed)
    {
        var plain = Encoding.UTF8.GetBytes(content);
        using var deflated = new MemoryStream();
        using (var deflate = new DeflateStream(deflated, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(plain);
        }

        var offset = writer.BaseStream.Position;
        writer.Write(compressed ? deflated.ToArray() : plain);
        return (offset, plain.Length, compressed ? deflated.Length : 0);
    }
}
