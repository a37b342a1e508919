using System.Globalization;

namespace Sluice.CanaryJudge.Sources.Prometheus;

/// <summary>
/// Whose pages were read when. What a target is called is the scrape configuration's affair and may change; but all series of one scrape have one
/// time, and one of them says whose page it was.
/// </summary>
internal sealed class ScrapedPages
{
    // What the gateway's own series are told apart by. A label of the target of the same name pushes ours aside, to exported_….
    private static readonly string[] OwnLabels = ["__name__", "gateway", "model", "version", "outcome", "result", "le"];
    private static readonly HashSet<string> NoTarget = [.. OwnLabels, .. OwnLabels.Select(Exported)];

    private readonly Dictionary<(string Target, DateTimeOffset At), string> _gateways = [];
    private readonly Dictionary<string, List<(DateTimeOffset At, string Target)>> _scrapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _hidden = new(StringComparer.Ordinal);

    /// <param name="info">The samples of <see cref="GatewaySelectors.Info"/>.</param>
    public ScrapedPages(IReadOnlyList<PrometheusSeries> info)
    {
        foreach (var series in info)
        {
            var target = TargetOf(series.Labels);
            if (Own(series.Labels, "gateway") is not { } gateway)
            {
                continue;
            }

            foreach (var sample in series.Samples)
            {
                _gateways[(target, sample.At)] = gateway;
                ScrapesOf(gateway).Add((sample.At, target));
            }

            if (series.Labels.Keys.FirstOrDefault(label => label is "model" or "version") is { } label)
            {
                _hidden[gateway] = label;
            }
        }

        foreach (var scrapes in _scrapes.Values)
        {
            scrapes.Sort();
        }
    }

    /// <summary>The target that a series was scraped from: the labels that are not the gateway's own.</summary>
    public static string TargetOf(IReadOnlyDictionary<string, string> labels) => LabelText.Of(labels.Where(label => !NoTarget.Contains(label.Key)));

    /// <summary>The labels that the gateway gave a series, edges written alike whatever Prometheus made of them (<c>1</c> and <c>1.0</c>).</summary>
    public static Dictionary<string, string> OwnLabelsOf(IReadOnlyDictionary<string, string> labels)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in OwnLabels)
        {
            if (name is not ("__name__" or "gateway") && Own(labels, name) is { } value)
            {
                own[name] = name == "le" && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var edge) && double.IsFinite(edge)
                    ? edge.ToString(CultureInfo.InvariantCulture)
                    : value;
            }
        }

        return own;
    }

    /// <summary>Whose page a scrape read; null when it does not say.</summary>
    public string? FindGateway(string target, DateTimeOffset at) => _gateways.GetValueOrDefault((target, at));

    /// <summary>When a gateway's page was last read; null when it was not.</summary>
    public DateTimeOffset? LastOf(string gateway) => _scrapes.TryGetValue(gateway, out var scrapes) ? scrapes[^1].At : null;

    /// <summary>The time between two scrapes of a gateway, as a rule; null when there were none.</summary>
    public TimeSpan? SpacingOf(string gateway)
    {
        var times = _scrapes.GetValueOrDefault(gateway) ?? [];
        var gaps = times.Zip(times.Skip(1), (first, second) => second.At - first.At).Where(gap => gap > TimeSpan.Zero).Order().ToArray();
        return gaps.Length == 0 ? null : gaps[gaps.Length / 2];
    }

    /// <summary>
    /// Two targets that claim to be one gateway at the same time: one page scraped twice, or two gateways of one id. Which it is cannot be told, and
    /// of the latter nothing could be counted. Null when there are none; one after another is a gateway that moved.
    /// </summary>
    public (string First, string Second)? FindTwins(string gateway)
    {
        var targets = (_scrapes.GetValueOrDefault(gateway) ?? []).GroupBy(scrape => scrape.Target)
            .Select(target => (Target: target.Key, From: target.Min(scrape => scrape.At), To: target.Max(scrape => scrape.At)))
            .OrderBy(target => target.From).ToArray();
        for (var (last, i) = (0, 1); i < targets.Length; i++)
        {
            if (targets[i].From <= targets[last].To)
            {
                return (targets[last].Target, targets[i].Target);
            }

            last = i; // it ends last, or it would have been a twin
        }

        return null;
    }

    /// <summary>A label that the scrape configuration gives the target, although the gateway's series have one of that name; null for none.</summary>
    public string? FindHiding(string gateway) => _hidden.GetValueOrDefault(gateway);

    private static string? Own(IReadOnlyDictionary<string, string> labels, string name) =>
        labels.TryGetValue(Exported(name), out var pushedAside) ? pushedAside : labels.GetValueOrDefault(name);

    private static string Exported(string label) => "exported_" + label;

    private List<(DateTimeOffset At, string Target)> ScrapesOf(string gateway)
    {
        if (!_scrapes.TryGetValue(gateway, out var scrapes))
        {
            _scrapes[gateway] = scrapes = [];
        }

        return scrapes;
    }
}
