using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Registry.Sources;

/// <summary>Files of this machine below an allowed root. Links are followed as long as they stay below it.</summary>
/// <param name="root">The root, without links.</param>
/// <param name="path">What was named, without links, below the root.</param>
internal sealed partial class FileSource(string root, string path) : ISourceFolder
{
    /// <summary>Folders within folders that are looked into; artifacts have no more.</summary>
    private const int Deepest = 10;

    // open(2): read only; not waiting for the other end of a pipe; not inherited.
    private static readonly int OpenFlags = OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 : 0x800 | 0x80000;

    public async IAsyncEnumerable<SourceFile> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask; // folders are listed without waiting
        if (File.Exists(path))
        {
            yield return new SourceFile(Path.GetFileName(path), new FileInfo(path).Length, path);
            yield break;
        }

        foreach (var file in ListFolder(path, "", 1))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public Task<Stream> OpenAsync(SourceFile file, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream>(Open(file));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refused($"{file.Path} cannot be read by the Registry");
        }
    }

    public ValueTask DisposeAsync() => default;

    private IEnumerable<SourceFile> ListFolder(string folder, string prefix, int depth)
    {
        foreach (var entry in Entries(folder))
        {
            var name = prefix + entry.Name;
            var real = RealPath.Of(entry.FullName);
            if (real is null || !RealPath.IsWithin(real, root))
            {
                throw Refused($"{name} is a link that leads out of the allowed folder, or nowhere");
            }

            if (File.Exists(real))
            {
                yield return new SourceFile(name, new FileInfo(real).Length, real);
            }
            else if (depth == Deepest)
            {
                throw Refused($"{name} lies deeper than {Deepest} folders, or a link goes in a circle");
            }
            else
            {
                foreach (var file in ListFolder(real, name + "/", depth + 1))
                {
                    yield return file;
                }
            }
        }
    }

    private static IEnumerable<FileSystemInfo> Entries(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).GetFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or DirectoryNotFoundException)
        {
            throw Refused("a folder in it cannot be read by the Registry");
        }
    }

    // What was checked may have been changed since: where the open file lies is looked at again. A pipe must not make us wait for its other end.
    private FileStream Open(SourceFile file)
    {
        var handle = OperatingSystem.IsWindows() ? File.OpenHandle(file.Place) : OpenWithoutWaiting(file.Place);
        try
        {
            var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            var there = OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget : RealPath.Of(file.Place);
            return stream.CanSeek && there is not null && RealPath.IsWithin(there, root)
                ? stream
                : throw Refused($"{file.Path} is no ordinary file below the allowed folder");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenWithoutWaiting(string path)
    {
        var descriptor = Open(path, OpenFlags);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new FileNotFoundException(Marshal.GetLastPInvokeErrorMessage());
    }

    private static BadHttpRequestException Refused(string reason) => new($"storageUri: {reason}.", StatusCodes.Status422UnprocessableEntity);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
