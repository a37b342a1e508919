using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Runtime.Versioning;
using System.Text;

[assembly: SupportedOSPlatform("linux")]

namespace Sluice.Feed.Tests;

/// <summary>Stands where npm would: a script that lays down a prepared file, or does something worse.</summary>
internal sealed class FakeNpm
{
    private const UnixFileMode Runnable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _folder;

    private FakeNpm(string folder) => _folder = folder;

    /// <summary>The script's path.</summary>
    public string Program => Path.Combine(_folder, "npm");

    /// <summary>The digest of the file that it lays down.</summary>
    public string Integrity { get; private init; } = "";

    /// <summary>How often it was called.</summary>
    public int Calls => File.Exists(CallLog) ? File.ReadAllLines(CallLog).Length : 0;

    private string CallLog => Path.Combine(_folder, "calls");

    /// <summary>Prepares a package of the given files.</summary>
    public static FakeNpm With(string folder, params (string Name, string Content)[] files)
    {
        Directory.CreateDirectory(folder);
        var tarball = Path.Combine(folder, "prepared.tgz");
        using (var file = File.Create(tarball))
        {
            Pack(file, files);
        }

        var npm = new FakeNpm(folder) { Integrity = "sha512-" + Convert.ToBase64String(SHA512.HashData(File.ReadAllBytes(tarball))) };
        // npm pack NAME@VERSION --pack-destination FOLDER --silent
        npm.Does($"cp '{tarball}' \"$4/$(echo \"$2\" | sed 's/@/-/').tgz\"");
        return npm;
    }

    /// <summary>Writes a gzipped tar of the given files, under exactly these names.</summary>
    public static void Pack(Stream output, params (string Name, string Content)[] files)
    {
        using var zipped = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        using var tar = new TarWriter(zipped);
        foreach (var (name, content) in files)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        }
    }

    /// <summary>Sets what the script does.</summary>
    public void Does(string command)
    {
        File.WriteAllText(Program, $"#!/bin/sh\necho called >> '{CallLog}'\n{command}\n");
        File.SetUnixFileMode(Program, Runnable);
    }
}
