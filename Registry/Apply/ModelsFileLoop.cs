using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Store;

namespace Sluice.Registry.Apply;

/// <summary>
/// Applies the document that <see cref="RegistryOptions.ModelsFile"/> names, whenever it changes: a ConfigMap, say. Which document was applied last is kept in
/// the store: a start, or another Registry, applies none for a second time, and does not undo what rollouts did since.
/// </summary>
internal sealed partial class ModelsFileLoop(
    IOptions<RegistryOptions> options, Applier applier, IStore store, TimeProvider time, ILogger<ModelsFileLoop> logger) : BackgroundService
{
    /// <summary>The key whose value is the digest of the document that was applied last.</summary>
    internal const string Key = "applied/models-file";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string? _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.ModelsFile is not { Length: > 0 } path)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await TickAsync(path, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TickAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await ApplyAsync(path, cancellationToken);
            _told = null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Tell(path, exception);
        }
    }

    private async Task ApplyAsync(string path, CancellationToken cancellationToken)
    {
        var document = await ReadAsync(path, cancellationToken);
        var digest = SHA256.HashData(document);
        var last = await store.GetAsync(Key, cancellationToken);
        if (last is not null && last.Value.Span.SequenceEqual(digest))
        {
            return;
        }

        var changes = new List<ApplyChange>();
        await applier.ApplyAsync(ModelsFileReader.Read(DocumentReader.Read(document)), dryRun: false, changes, Caller.Registry, cancellationToken);
        foreach (var change in changes)
        {
            LogChanged(change.Model, change.Text);
        }

        // Not written when another Registry was faster: it applied the same, or something newer, which the next look shows.
        await store.CommitAsync(new StoreBatch().Put(Key, digest, last?.ModRevision ?? StoreBatch.Absent), cancellationToken);
        LogApplied(path, changes.Count);
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        if (file.Length > DocumentReader.Largest)
        {
            throw new BadHttpRequestException($"The document is larger than {DocumentReader.Largest >> 20} MiB.");
        }

        var document = new byte[file.Length];
        await file.ReadExactlyAsync(document, cancellationToken);
        return document;
    }

    // Said once for each problem, not at every look.
    private void Tell(string path, Exception exception)
    {
        if (_told == exception.Message)
        {
            return;
        }

        _told = exception.Message;
        if (exception is BadHttpRequestException or IOException or UnauthorizedAccessException)
        {
            LogRefused(path, exception.Message);
        }
        else
        {
            LogFailed(exception, path);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Model}: {Change}")]
    private partial void LogChanged(string model, string change);

    [LoggerMessage(LogLevel.Information, "{Path} is applied: {Count} changes")]
    private partial void LogApplied(string path, int count);

    [LoggerMessage(LogLevel.Error, "{Path} (Registry:ModelsFile) is not applied: {Problem} It is tried again every 10 s; POST /api/apply?dryRun=true tells what a corrected one would do")]
    private partial void LogRefused(string path, string problem);

    [LoggerMessage(LogLevel.Error, "{Path} (Registry:ModelsFile) could not be applied; it is tried again every 10 s")]
    private partial void LogFailed(Exception exception, string path);
}
