using System.Formats.Tar;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;

namespace Sluice.Images.Tests.Images;

/// <summary>An image that was made: its configuration and its layers.</summary>
internal sealed class Image
{
    private Image(JsonElement configuration, IReadOnlyList<byte[]> layers) =>
        (Configuration, Settings, Layers) = (configuration, configuration.GetProperty("config"), layers);

    /// <summary>The whole configuration.</summary>
    public JsonElement Configuration { get; }

    /// <summary>What a container starts with: entry point, user, environment, ….</summary>
    public JsonElement Settings { get; }

    /// <summary>The layers, compressed, the base's first.</summary>
    public IReadOnlyList<byte[]> Layers { get; }

    /// <summary>The environment.</summary>
    public IReadOnlyDictionary<string, string> Environment => Texts("Env").Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels =>
        Settings.GetProperty(nameof(Labels)).EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!);

    /// <summary>Reads what `docker load` reads.</summary>
    public static Image FromArchive(string path)
    {
        var files = new Dictionary<string, byte[]>();
        using (var tar = new TarReader(File.OpenRead(path)))
        {
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.DataStream is { } content)
                {
                    files[entry.Name] = ReadAll(content);
                }
            }
        }

        var manifest = JsonElement.Parse(files["manifest.json"])[0];
        return new Image(
            JsonElement.Parse(files[manifest.GetProperty("Config").GetString()!]),
            [.. manifest.GetProperty(nameof(Layers)).EnumerateArray().Select(layer => files[layer.GetString()!])]);
    }

    /// <summary>Reads what a registry has; fails where a digest or a size is not that of the bytes.</summary>
    public static Image FromRegistry(ImageBlobs blobs, string name, string tag)
    {
        var manifest = JsonElement.Parse(Assert.IsType<ImageManifest>(blobs.FindManifest(name, tag)).Json);
        return new Image(JsonElement.Parse(Read(manifest.GetProperty("config"))), [.. manifest.GetProperty("layers").EnumerateArray().Select(Read)]);

        byte[] Read(JsonElement descriptor)
        {
            var blob = Assert.IsType<byte[]>(blobs.Find(descriptor.GetProperty("digest").GetString()!));
            Assert.Equal(descriptor.GetProperty("size").GetInt64(), blob.Length);
            return blob;
        }
    }

    /// <summary>A list of texts of <see cref="Settings"/>.</summary>
    public string[] Texts(string property) =>
        Settings.TryGetProperty(property, out var list) ? [.. list.EnumerateArray().Select(text => text.GetString()!)] : [];

    /// <summary>The files of the last layer, which is the service's own, by their path.</summary>
    public Dictionary<string, ImageFile> OwnFiles()
    {
        var files = new Dictionary<string, ImageFile>();
        using var tar = new TarReader(new GZipStream(new MemoryStream(Layers[^1]), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType != TarEntryType.Directory)
            {
                files[entry.Name] = new ImageFile(entry.DataStream is { } content ? ReadAll(content) : [], entry.Mode, entry.Uid);
            }
        }

        return files;
    }

    /// <summary>Lays all layers over each other into a folder.</summary>
    public void UnpackInto(string folder)
    {
        foreach (var layer in Layers)
        {
            using var content = new GZipStream(new MemoryStream(layer), CompressionMode.Decompress);
            TarFile.ExtractToDirectory(content, folder, overwriteFiles: true);
        }
    }

    private static byte[] ReadAll(Stream content)
    {
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}

/// <summary>A file in a layer.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Who may do what with it.</param>
/// <param name="Owner">Whose it is.</param>
internal sealed record ImageFile(byte[] Content, UnixFileMode Mode, int Owner)
{
    /// <summary>Whether a text is in it, as UTF-8 or UTF-16, the two that an assembly has.</summary>
    public bool Holds(string text) =>
        Content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 || Content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)) >= 0;

    /// <summary>The source files that a .pdb names; it stores paths in parts, which <see cref="Holds"/> does not find.</summary>
    public string[] ReadSourcePaths()
    {
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Content));
        var reader = symbols.GetMetadataReader();
        return [.. reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name))];
    }
}
