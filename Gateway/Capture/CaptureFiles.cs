using System.Globalization;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Capture;

/// <summary>
/// The files of the capture: numbered, readable by their owner only, none larger than the limit and no more than are kept. Used by one thread.
/// </summary>
internal class CaptureFiles(IOptions<CaptureOptions> options) : IDisposable
{
    private const string Prefix = "capture-";
    private const string Suffix = ".jsonl";

    private Stream? _file;
    private long _length;

    /// <summary>Appends lines, to the next file where they do not fit into this one.</summary>
    /// <param name="lines">Whole lines, not more than a file may have.</param>
    /// <exception cref="IOException">The disk is full, or gone.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        try
        {
            _file ??= Continue();
            if (_length > 0 && _length + lines.Length > options.Value.MaxFileBytes)
            {
                _file.Dispose();
                _file = null;
                _file = Begin();
            }

            _file.Write(lines);
            _file.Flush();
            _length += lines.Length;
        }
        catch
        {
            // What was written of the lines is cut off when the file is opened again.
            Dispose();
            throw;
        }
    }

    /// <summary>Whether files can be made in a folder, which is made if it is missing.</summary>
    public static bool IsWritable(string folder)
    {
        try
        {
            MakeFolder(folder);
            var trial = Path.Combine(folder, $".{Guid.NewGuid():N}");
            File.WriteAllBytes(trial, [0]);
            File.Delete(trial);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        var file = _file;
        _file = null;
        try
        {
            file?.Dispose();
        }
        catch (IOException)
        {
            // It was broken already.
        }
    }

    /// <summary>Opens a file to read and write; makes it if it is missing.</summary>
    protected virtual Stream Open(string path)
    {
        var how = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, how);
    }

    // The newest file, without a last line that was cut off.
    private Stream Continue()
    {
        MakeFolder(options.Value.Folder!);
        if (Names().LastOrDefault() is not { } newest)
        {
            return Begin();
        }

        DeleteOld(room: 0);
        var file = Open(newest);
        _length = EndOfLines(file);
        file.SetLength(_length);
        file.Seek(_length, SeekOrigin.Begin);
        return file;
    }

    private Stream Begin()
    {
        DeleteOld(room: 1);
        var number = Names().LastOrDefault() is { } newest ? NumberOf(newest) + 1 : 1;
        var file = Open(Path.Combine(options.Value.Folder!, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D10}{Suffix}")));
        _length = 0;
        return file;
    }

    private void DeleteOld(int room)
    {
        foreach (var old in Names().SkipLast(Math.Max(options.Value.MaxFiles - room, 0)))
        {
            File.Delete(old);
        }
    }

    // By number; what is named otherwise is not ours.
    private List<string> Names() =>
        [.. Directory.GetFiles(options.Value.Folder!, $"{Prefix}*{Suffix}").Where(path => NumberOf(path) > 0).OrderBy(NumberOf)];

    private static long NumberOf(string path) =>
        long.TryParse(Path.GetFileName(path).AsSpan()[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static long EndOfLines(Stream file)
    {
        var buffer = new byte[4096];
        for (var end = file.Length; end > 0; end -= Math.Min(end, buffer.Length))
        {
            var start = Math.Max(0, end - buffer.Length);
            var part = buffer.AsSpan(0, (int)(end - start));
            file.Seek(start, SeekOrigin.Begin);
            file.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is >= 0 and var last)
            {
                return start + last + 1;
            }
        }

        return 0;
    }
}
