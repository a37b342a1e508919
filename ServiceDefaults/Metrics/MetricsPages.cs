using Microsoft.Extensions.Logging;

namespace Sluice.ServiceDefaults.Metrics;

/// <summary>Makes pages. Scrapers that come while one is being made share it; a buffer is used again when the last of its readers is done.</summary>
internal sealed partial class MetricsPages(SdkMetrics sdk, IEnumerable<IMetricSource> sources, ILogger<MetricsPages> logger)
{
    private readonly Lock _lock = new(); // held for _making, _spare and the pages' readers
    private readonly IMetricSource[] _sources = [.. sources];
    private readonly Stack<MetricsWriter> _spare = [];
    private MetricsPage? _making;

    /// <summary>The page of now. Dispose it when it was sent.</summary>
    public async Task<MetricsPage> TakeAsync()
    {
        var (page, mine) = Join();
        if (mine)
        {
            Make(page);
        }

        await page.Made;
        return page;
    }

    /// <summary>A reader is done with a page.</summary>
    internal void Return(MetricsPage page)
    {
        lock (_lock)
        {
            if (--page.Readers == 0)
            {
                _spare.Push(page.Writer);
            }
        }
    }

    private (MetricsPage Page, bool Mine) Join()
    {
        lock (_lock)
        {
            var mine = _making is null;
            _making ??= new MetricsPage(this, _spare.TryPop(out var writer) ? writer : new MetricsWriter());
            _making.Readers++;
            return (_making, mine);
        }
    }

    private void Make(MetricsPage page)
    {
        try
        {
            page.Writer.Clear();
            foreach (var source in _sources)
            {
                WriteSource(source, page.Writer);
            }

            sdk.Write(page.Writer);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            page.Failed = true;
        }
        finally
        {
            lock (_lock)
            {
                _making = null;
            }

            page.SetMade();
        }
    }

    private void WriteSource(IMetricSource source, MetricsWriter writer)
    {
        var length = writer.Length;
        try
        {
            source.Write(writer);
        }
        catch (Exception exception)
        {
            writer.CutTo(length); // half a family would be worse than none
            LogSourceFailed(exception, source.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Error, "The metrics cannot be collected; this scrape is answered with 500")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "The metrics of {Source} cannot be written; the page goes without them")]
    private partial void LogSourceFailed(Exception exception, string source);
}

/// <summary>One page, while it is made and sent.</summary>
internal sealed class MetricsPage(MetricsPages pages, MetricsWriter writer) : IDisposable
{
    private readonly TaskCompletionSource _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the page can be read.</summary>
    public Task Made => _made.Task;

    /// <summary>The page in the text format.</summary>
    public ReadOnlyMemory<byte> Bytes => writer.Written;

    /// <summary>Whether it could not be made.</summary>
    public bool Failed { get; set; }

    internal MetricsWriter Writer => writer;

    internal int Readers { get; set; }

    public void Dispose() => pages.Return(this);

    internal void SetMade() => _made.SetResult();
}
