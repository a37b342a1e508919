using System.Globalization;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Store;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Registry.Metrics;

/// <summary>What the metrics show of one model.</summary>
internal sealed class ModelSeries
{
    /// <summary>Registered quality metrics shown of one version, by name: free words of whoever registers must not grow without bound.</summary>
    public const int MostQualityMetrics = 32;

    private static readonly MetricBuckets Edges = new(60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 259_200);

    private readonly SortedDictionary<int, ModelVersion> _versions = [];
    private readonly HashSet<int> _triedVersions = []; // versions of which there is or was a rollout
    private readonly (MetricLabels Labels, MetricHistogram Durations)[] _rollouts;
    private List<(MetricLabels Labels, double Value)>? _qualities;
    private ServingState? _serving;
    private bool _hasRecord;

    public ModelSeries(string model)
    {
        Labels = MetricLabels.Of(("model", model));
        _rollouts = [.. RolloutResults.All.Select(result => (Labels.And("result", result), new MetricHistogram(Edges)))];
    }

    /// <summary>The label <c>model</c>.</summary>
    public MetricLabels Labels { get; }

    /// <summary>Whether there is such a model.</summary>
    public bool Exists => _hasRecord || _versions.Count > 0;

    /// <summary>How many versions it has.</summary>
    public int Versions => _versions.Count;

    /// <summary>The durations of its rollouts in seconds, by result.</summary>
    public IReadOnlyList<(MetricLabels Labels, MetricHistogram Durations)> Rollouts => _rollouts;

    /// <summary>The registered quality metrics of the stable version, the canary and the newest one.</summary>
    public IReadOnlyList<(MetricLabels Labels, double Value)> Qualities => _qualities ??= FindQualities();

    /// <summary>Whether keys of this kind say something of a model.</summary>
    public static bool Concerns(string kind) =>
        kind is StoreKeys.ModelKind or ObjectKinds.Version or ObjectKinds.Serving or ObjectKinds.Rollout or StoreKeys.ClosedRolloutKind;

    /// <summary>
    /// Versions that are newer than the stable one and were never asked to roll out, and when the first of them was registered (null when there is none).
    /// </summary>
    public (int Count, DateTimeOffset? Since) FindPending()
    {
        var (count, since) = (0, default(DateTimeOffset?));
        foreach (var (number, version) in _versions)
        {
            if (number > (_serving?.Stable ?? 0) && !_triedVersions.Contains(number))
            {
                count++;
                since = since < version.CreatedAt ? since : version.CreatedAt;
            }
        }

        return (count, since);
    }

    /// <summary>Takes one object of the store in.</summary>
    /// <param name="kind">One that <see cref="Concerns"/> models.</param>
    /// <param name="number">The last part of its key, where it has one.</param>
    /// <param name="value">The object; null when it went.</param>
    public void Apply(string kind, string? number, ReadOnlyMemory<byte>? value)
    {
        _qualities = null;
        switch (kind)
        {
            case StoreKeys.ModelKind:
                _hasRecord = value is not null;
                break;
            case ObjectKinds.Serving:
                _serving = value is { } serving ? JsonSerializer.Deserialize(serving.Span, ContractsJson.Default.ServingState) : null;
                break;
            case ObjectKinds.Rollout or StoreKeys.ClosedRolloutKind when value is { } rollout:
                _triedVersions.Add(JsonSerializer.Deserialize(rollout.Span, ContractsJson.Default.Rollout)!.Canary);
                break;
            case ObjectKinds.Version when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version):
                _versions.Remove(version);
                if (value is { } json && JsonSerializer.Deserialize(json.Span, ContractsJson.Default.ModelVersion) is { } registered)
                {
                    _versions[version] = Shown(registered);
                }

                break;
        }
    }

    /// <summary>Forgets what the store said, before it says everything anew; what was counted stays.</summary>
    public void ForgetObjects()
    {
        _versions.Clear();
        _triedVersions.Clear();
        (_serving, _hasRecord, _qualities) = (null, false, null);
    }

    /// <summary>A rollout of it reached its verdict.</summary>
    public void RolloutEnded(string result, TimeSpan waited) => _rollouts[Array.IndexOf(RolloutResults.All, result)].Durations.Observe(waited.TotalSeconds);

    // Files and signatures are nothing to keep here for thousands of versions.
    private static ModelVersion Shown(ModelVersion version) =>
        version with { Files = [], Signature = new ModelSignature([], []), Labels = [], Tags = new Dictionary<string, string>() };

    private List<(MetricLabels Labels, double Value)> FindQualities()
    {
        var qualities = new List<(MetricLabels Labels, double Value)>();
        foreach (var number in new SortedSet<int> { _serving?.Stable ?? 0, _serving?.Canary ?? 0, _versions.LastOrDefault().Key })
        {
            if (_versions.TryGetValue(number, out var version))
            {
                var labels = Labels.And("version", number.ToString(CultureInfo.InvariantCulture));
                qualities.AddRange(version.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Take(MostQualityMetrics)
                    .Select(metric => (labels.And("metric", metric.Key), metric.Value)));
            }
        }

        return qualities;
    }
}
