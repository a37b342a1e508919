using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway.Figures;

/// <summary>
/// The edges that latencies are counted by: those of the settings, and for a model under rollout the limit that its 99th percentile is held against, since
/// only at an edge can a judge tell exactly how many requests were slower.
/// </summary>
internal sealed class LatencyEdges
{
    /// <summary>Seconds; 0.5 is the limit that rollouts start with.</summary>
    public static readonly double[] Defaults = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private const int MostLimits = 8;

    private readonly MetricBuckets _common;

    public LatencyEdges(IOptions<GatewayOptions> options)
        : this(options.Value.LatencyEdges is { Length: > 0 } edges ? edges : Defaults)
    {
    }

    private LatencyEdges(double[] edges) => (Common, _common) = (edges, new MetricBuckets(edges));

    /// <summary>Those of a gateway without settings.</summary>
    public static LatencyEdges Default { get; } = new(Defaults);

    /// <summary>Those of the settings, in seconds.</summary>
    public double[] Common { get; }

    /// <summary>The edges of a model.</summary>
    /// <param name="former">Those it has; null for a new model. Limits of its former rollouts stay edges, so that its series do not change for nothing.</param>
    /// <param name="rollout">Its open rollout, if any.</param>
    public MetricBuckets For(MetricBuckets? former, Rollout? rollout)
    {
        var buckets = former ?? _common;
        return rollout?.Plan.Analysis.MaxLatencySeconds is not { } limit || buckets.Has(limit) ? buckets
            : buckets.Count < _common.Count + MostLimits ? buckets.And(limit)
            : _common.And(limit);
    }
}
