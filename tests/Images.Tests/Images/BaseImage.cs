using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Sluice.Images.Tests.Images;

/// <summary>
/// The base images of the tests: the libraries that .NET and ONNX Runtime are linked to and the folders a container always has, and in one of them this
/// machine's .NET. No shell and nothing else, so that what runs on them needs no more.
/// </summary>
internal static class BaseImage
{
    /// <summary>Name and tag, in the tests' registry, of the one with .NET, which stands for ASP.NET's.</summary>
    public const string Dotnet = "base/dotnet:10.0";

    /// <summary>Name and tag of the one without, which starts something of its own and so stands for NVIDIA's.</summary>
    public const string Libraries = "base/libraries:13";

    private const string Manifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string Config = "application/vnd.docker.container.image.v1+json";
    private const string Layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    private static readonly string DotnetRoot = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));

    // As ldd of the runtime and of libonnxruntime.so names them; OpenSSL is looked for by name.
    private static readonly string[] NativeLibraries =
    [
        "ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1", "libstdc++.so.6",
        "libssl.so.3", "libcrypto.so.3",
    ];

    /// <summary>Why they cannot be made here; null when they can.</summary>
    public static string? FindProblem() =>
        NativeLibraries.FirstOrDefault(library => FindLibrary(library) is null) is { } missing ? $"{missing} is not where Debian and Ubuntu have it" : null;

    /// <summary>Makes both and puts them into a registry.</summary>
    public static void AddTo(ImageBlobs blobs)
    {
        Add(blobs, Dotnet, new { Env = new[] { "PATH=/usr/bin", "DOTNET_RUNNING_IN_CONTAINER=true" } }, WriteLibraries, WriteDotnet);
        Add(blobs, Libraries, new { Env = new[] { "PATH=/usr/bin", "NVIDIA_VISIBLE_DEVICES=all" }, Entrypoint = new[] { "/opt/entrypoint.sh" } }, WriteLibraries);
    }

    private static void Add(ImageBlobs blobs, string name, object settings, params Action<TarWriter>[] layers)
    {
        var tars = layers.Select(Tar).ToArray();
        var config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture = "amd64",
            os = "linux",
            config = settings,
            rootfs = new { type = "layers", diff_ids = tars.Select(tar => ImageBlobs.DigestOf(tar)) },
        });
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = Manifest,
            config = new { mediaType = Config, size = config.Length, digest = blobs.Add(config) },
            layers = tars.Select(Compress).Select(layer => new { mediaType = Layer, size = layer.Length, digest = blobs.Add(layer) }),
        });
        var parts = name.Split(':');
        blobs.AddManifest(parts[0], parts[1], new ImageManifest(Manifest, manifest));
    }

    private static void WriteLibraries(TarWriter tar)
    {
        foreach (var folder in new[] { "cache", "data", "dev", "etc", "lib64", "proc", "state", "sys", "tmp", "usr/bin", "usr/lib" })
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, folder) { Mode = Everybody });
        }

        foreach (var library in NativeLibraries)
        {
            var folder = library.StartsWith("ld-", StringComparison.Ordinal) ? "lib64" : "usr/lib";
            WriteFile(tar, FindLibrary(library)!, $"{folder}/{library}");
        }
    }

    private static void WriteDotnet(TarWriter tar)
    {
        var runtime = Path.GetFileName(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        var aspNetCore = Path.GetFileName(Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location)!);
        foreach (var part in new[] { "host", $"shared/Microsoft.NETCore.App/{runtime}", $"shared/Microsoft.AspNetCore.App/{aspNetCore}" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(DotnetRoot, part), "*", SearchOption.AllDirectories))
            {
                WriteFile(tar, file, "usr/share/dotnet/" + Path.GetRelativePath(DotnetRoot, file));
            }
        }

        WriteFile(tar, Path.Combine(DotnetRoot, "dotnet"), "usr/share/dotnet/dotnet");
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "usr/bin/dotnet") { LinkName = "../share/dotnet/dotnet" });
    }

    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static void WriteFile(TarWriter tar, string file, string path)
    {
        using var content = File.OpenRead(file); // what a link leads to
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { Mode = Everybody, DataStream = content });
    }

    private static string? FindLibrary(string library) =>
        new[] { "/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu" }.Select(folder => Path.Combine(folder, library)).FirstOrDefault(File.Exists);

    private static byte[] Tar(Action<TarWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            write(tar);
        }

        return bytes.ToArray();
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
