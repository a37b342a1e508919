using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Predictor.Versions;

/// <summary>Keeps the cache within its limit: what was longest unused goes, never what is held here or was used by anybody within the last hour.</summary>
/// <remarks>
/// Processes may share the folder and do not know of each other's versions: each touches what it holds at every look, so that all see it as used. A
/// laid out version holds its blobs by links, so both go.
/// </remarks>
internal sealed partial class CacheSweep(
    BlobCache cache, ServedVersions served, IOptions<PredictorOptions> options, TimeProvider time, ILogger<CacheSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Tick();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogFailed(exception.Message);
            }
        }
    }

    /// <summary>Touches what is held, then looks at the size.</summary>
    internal void Tick()
    {
        Touch();
        var files = new DirectoryInfo(cache.Blobs).GetFiles();
        var excess = files.Sum(file => file.Length) - options.Value.CacheLimitBytes;
        if (excess <= 0)
        {
            return;
        }

        var before = time.GetUtcNow().UtcDateTime - Grace;
        foreach (var folder in new DirectoryInfo(cache.Versions).GetDirectories().Where(folder => folder.LastWriteTimeUtc < before))
        {
            folder.Delete(recursive: true);
        }

        foreach (var file in files.Where(file => file.LastWriteTimeUtc < before).OrderBy(file => file.LastWriteTimeUtc).TakeWhile(_ => excess > 0))
        {
            var length = file.Length;
            file.Delete();
            excess -= length;
            LogDeleted(file.Name, length);
        }

        if (excess > 0)
        {
            LogTooLarge(excess, options.Value.CacheLimitBytes);
        }
    }

    private void Touch()
    {
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var version in served.All.Select(held => held.Artifact))
        {
            foreach (var path in version.Blobs.Select(file => cache.PathOf(file.Digest)).Where(File.Exists))
            {
                File.SetLastWriteTimeUtc(path, now);
            }

            var folder = Path.Combine(cache.Versions, version.Digest[VersionDigest.Prefix.Length..]);
            if (Directory.Exists(folder))
            {
                Directory.SetLastWriteTimeUtc(folder, now);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "The cache is over its limit: deleted {Blob}, {Bytes} bytes, the longest unused")]
    private partial void LogDeleted(string blob, long bytes);

    [LoggerMessage(LogLevel.Warning, "The cache is {Bytes} bytes over its limit of {Limit} (Predictor:CacheLimitBytes) with what is in use: make it larger, or assign fewer versions to this pool")]
    private partial void LogTooLarge(long bytes, long limit);

    [LoggerMessage(LogLevel.Warning, "The cache could not be swept ({Problem}): check the disk and the rights on it")]
    private partial void LogFailed(string problem);
}
