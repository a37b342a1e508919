using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Sources.Scraping;

/// <summary>
/// Reads the gateways' own pages: for who runs no Prometheus. It knows nothing from before it was first asked, and a restart of the judge costs one window.
/// Rollouts that are looked at together share the pages.
/// </summary>
internal sealed class ScrapeSource(PageClient client, IOptions<JudgeOptions> options, TimeProvider time) : IMetricsSource
{
    /// <summary>As it is named in settings.</summary>
    public const string SourceName = "embedded";

    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<ScrapedPage>> _pages = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Gateway, string Model), ScrapeHistory> _histories = [];

    /// <inheritdoc />
    public string Name => SourceName;

    /// <inheritdoc />
    public bool KnowsPast => false;

    /// <inheritdoc />
    public async Task<Reading> ReadAsync(MetricsQuery query, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        if (query.Gateways.Count == 0)
        {
            return new Reading(at, [], new Dictionary<string, string>(), "no gateway is registered");
        }

        var pages = await Task.WhenAll(query.Gateways.Select(gateway => PageAsync(gateway, at, cancellationToken)));
        var (series, missing) = (new List<Series>(), new Dictionary<string, string>(StringComparer.Ordinal));
        lock (_lock)
        {
            foreach (var (gateway, page) in query.Gateways.Zip(pages))
            {
                var history = HistoryOf(gateway.Id, query.Model);
                if (Take(history, page, query.Model) is { } problem)
                {
                    missing[gateway.Id] = problem;
                }

                series.AddRange(history.Since(gateway.Id, query.Since));
            }

            Forget(at);
        }

        return new Reading(at, series, missing);
    }

    private static string? Take(ScrapeHistory history, ScrapedPage page, string model)
    {
        if (page.Text is null)
        {
            return page.Problem;
        }

        try
        {
            history.Add(page.At, PageReader.Read(page.Text, GatewaySeries.All, model));
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    // A page of a moment ago is as good as a new one: the other rollouts of the same round share it.
    private Task<ScrapedPage> PageAsync(GatewayStatus gateway, DateTimeOffset at, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_pages.TryGetValue(gateway.Id, out var page) && (!page.IsCompleted || (page.IsCompletedSuccessfully && at - page.Result.At < options.Value.Interval / 2)))
            {
                return page.WaitAsync(cancellationToken);
            }

            return _pages[gateway.Id] = client.FetchAsync(gateway, cancellationToken);
        }
    }

    private ScrapeHistory HistoryOf(string gateway, string model) =>
        _histories.TryGetValue((gateway, model), out var history) ? history : _histories[(gateway, model)] = new ScrapeHistory();

    private void Forget(DateTimeOffset now)
    {
        foreach (var key in _histories.Where(pair => now - pair.Value.AskedAt > Forgotten).Select(pair => pair.Key).ToArray())
        {
            _histories.Remove(key);
        }

        foreach (var id in _pages.Where(pair => pair.Value.IsCompletedSuccessfully && now - pair.Value.Result.At > Forgotten).Select(pair => pair.Key).ToArray())
        {
            _pages.Remove(id);
        }
    }
}
