using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Versions;

/// <summary>
/// Remembers on disk which version is being loaded, so that one whose load takes the process down (a fault in native code, the memory used up) does
/// not do so for ever: a process that finds two such deaths leaves the version out for a while and serves the others.
/// </summary>
/// <remarks>
/// A mark is a file of the cache, named after the digest, the machine and the process. It is a death when its process lives no more; the time of the
/// process's start tells it from a later one with the same number.
/// </remarks>
internal sealed class LoadMarks
{
    private const int MostDeaths = 2;
    private static readonly TimeSpan Quarantine = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly string _self;

    public LoadMarks(IOptions<PredictorOptions> options, TimeProvider time)
    {
        _time = time;
        _folder = Path.Combine(Path.GetFullPath(options.Value.CacheDirectory), "loading");
        Directory.CreateDirectory(_folder);
        using var process = Process.GetCurrentProcess();
        _self = string.Create(CultureInfo.InvariantCulture, $"{process.Id}.{process.StartTime.ToUniversalTime().Ticks}");
    }

    /// <summary>A load begins; dispose what is returned when it ended, well or not.</summary>
    /// <exception cref="InferenceException">Loads of it ended processes before.</exception>
    public IDisposable Begin(ModelVersion version)
    {
        var name = $"{version.Digest[VersionDigest.Prefix.Length..]}.{Environment.MachineName}";
        var deaths = Directory.GetFiles(_folder, $"{name}.*.mark").Where(IsDeath).ToArray();
        var left = deaths.Length >= MostDeaths ? deaths.Max(File.GetLastWriteTimeUtc) + Quarantine - _time.GetUtcNow().UtcDateTime : TimeSpan.Zero;
        if (left > TimeSpan.Zero)
        {
            throw InferenceException.Model(
                $"Loading it ended the process {deaths.Length} times: it is left out for {left.TotalMinutes:0} more minutes. See the log of the container's end for a fault or too little memory.");
        }

        var mark = new Mark(Path.Combine(_folder, $"{name}.{_self}.{Guid.NewGuid():N}.mark"), deaths);
        mark.Write();
        return mark;
    }

    private static bool IsDeath(string path)
    {
        var parts = Path.GetFileName(path).Split('.');
        if (parts.Length < 5 || !int.TryParse(parts[^4], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !long.TryParse(parts[^3], NumberStyles.None, CultureInfo.InvariantCulture, out var started))
        {
            return false;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return Math.Abs(process.StartTime.ToUniversalTime().Ticks - started) > TimeSpan.TicksPerSecond;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return true; // no such process
        }
    }

    private sealed class Mark(string path, string[] deaths) : IDisposable
    {
        public void Write()
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
            file.Flush(flushToDisk: true);
        }

        // It was survived: earlier deaths count no more.
        public void Dispose()
        {
            foreach (var file in deaths.Append(path))
            {
                File.Delete(file);
            }
        }
    }
}
