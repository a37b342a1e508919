using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Archives;

/// <summary>An archive as a test wants it: entries in their order, of any kind.</summary>
internal sealed class Archive
{
    private readonly List<TarEntry> _entries = [];

    /// <summary>An export as it should be: one model, m, with one version of one file.</summary>
    public static (JsonObject Manifest, byte[] Blob, string BlobEntry) Valid(byte[] onnx, string signature)
    {
        var digest = VersionDigest.FromHash(SHA256.HashData(onnx));
        var file = new ModelFile("model.onnx", digest, onnx.Length);
        var manifest = JsonNode.Parse(
            $$$"""
            {
              "format": "sluice-model", "formatVersion": 1, "exportedAt": "2026-01-01T00:00:00+00:00",
              "model": {"name": "m", "highestVersion": 3, "createdAt": "2026-01-01T00:00:00+00:00"},
              "versions": [{
                "model": "m", "version": 2, "digest": "{{{VersionDigest.Of([file])}}}", "modelPath": "model.onnx",
                "files": [{"path": "model.onnx", "digest": "{{{digest}}}", "size": {{{onnx.Length}}}}],
                "signature": {{{signature}}}, "opset": 17, "createdAt": "2026-01-01T00:00:00+00:00"
              }]
            }
            """)!.AsObject();
        return (manifest, onnx, $"blobs/sha256/{digest["sha256:".Length..]}");
    }

    public Archive Add(string name, byte[] content, TarEntryType type = TarEntryType.RegularFile)
    {
        _entries.Add(new PaxTarEntry(type, name) { DataStream = new MemoryStream(content) });
        return this;
    }

    public Archive Add(string name, JsonNode json) => Add(name, Encoding.UTF8.GetBytes(json.ToJsonString()));

    /// <summary>An entry without content: a link, a device, a folder.</summary>
    public Archive Add(string name, TarEntryType type, string? target = null)
    {
        var entry = new PaxTarEntry(type, name);
        if (target is not null)
        {
            entry.LinkName = target;
        }

        _entries.Add(entry);
        return this;
    }

    public byte[] ToArray()
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, TarEntryFormat.Pax, leaveOpen: true))
        {
            _entries.ForEach(tar.WriteEntry);
        }

        return memory.ToArray();
    }

    public static byte[] Compress(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return memory.ToArray();
    }
}
