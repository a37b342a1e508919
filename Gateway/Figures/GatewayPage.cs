using Sluice.Contracts;
using Sluice.Gateway.Mirror;
using Sluice.Gateway.Reports;
using Sluice.Gateway.Routing;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Gateway.Figures;

/// <summary>The metrics page: the series of each route, gone with it. They stand in the place of the instruments of the same names.</summary>
internal sealed class GatewayPage(Routes routes, GatewayMetrics metrics, GatewayIdentity identity) : IMetricSource
{
    private static readonly MetricFamily Info = Gauge(MetricNames.GatewayInfo, null, "1, by the gateway that shows this page.");
    private static readonly MetricFamily Requests = Counter(MetricNames.GatewayRequests, "First attempts by the version they went to.");
    private static readonly MetricFamily Duration = MetricFamily.OfInstrument(
        MetricNames.GatewayRequestDuration, "s", MetricType.Histogram, "First attempts that were ok or passed their deadline; the latter lie above every edge.");

    private static readonly MetricFamily Responses = Counter(MetricNames.GatewayResponses, "What callers got, after retry and shield.");
    private static readonly MetricFamily Retries = Counter(MetricNames.GatewayRetries, "Attempts on another replica.");
    private static readonly MetricFamily Shielded = Counter(MetricNames.GatewayShielded, "Requests that stable answered in the canary's place.");
    private static readonly MetricFamily Unheld = Counter(MetricNames.GatewayUnheld, "Requests whose body was not held: forwarded once, unshielded.");
    private static readonly MetricFamily Refused = Counter(MetricNames.GatewayRefused, "Requests that were not let in.");
    private static readonly MetricFamily Mirrored = Counter(MetricNames.GatewayMirror, "Requests that were copied to the canary, by what came of it.");
    private static readonly MetricFamily Weights = Gauge(MetricNames.GatewayRouteWeight, "1", "The share of the model's traffic that the version gets.");
    private static readonly MetricFamily Generation = Gauge(MetricNames.GatewayRouteGeneration, null, "The generation of the serving state in use.");
    private static readonly MetricFamily Roles = Gauge(MetricNames.GatewayRoleInfo, null, "1 for the stable version and for the canary.");
    private static readonly MetricFamily InFlight = Gauge(MetricNames.GatewayInFlight, "{request}", "Requests that replicas work on for this gateway.");

    private static readonly (string Pool, MetricLabels Labels)[] PoolLabels = [.. Pools.All.Select(pool => (pool, MetricLabels.Of(("pool", pool))))];

    private readonly MetricLabels _identity = MetricLabels.Of(("gateway", identity.Id));

    /// <inheritdoc />
    public void Write(MetricsWriter writer)
    {
        writer.Begin(Info);
        writer.Sample(_identity, 1);
        var table = routes.Current;
        VersionFigures[] versions =
        [
            .. table.Models.OrderBy(model => model.Model, StringComparer.Ordinal).SelectMany(model => model.Versions).Select(version => version.Figures).OfType<VersionFigures>(),
        ];
        WriteRequests(writer, versions);
        WriteReasons(writer, Retries, versions, static figures => figures.Retries);
        WriteReasons(writer, Shielded, versions, static figures => figures.Shielded);
        WriteResponses(writer, table);
        WriteUnheld(writer, table);
        WriteRefused(writer, table);
        WriteMirrored(writer, table);
        WriteRoutes(writer, table);
        WriteInFlight(writer, table);
    }

    private static void WriteRequests(MetricsWriter writer, VersionFigures[] versions)
    {
        writer.Begin(Requests);
        foreach (var figures in versions)
        {
            foreach (var fault in FaultClasses.All)
            {
                writer.Sample(figures.OutcomeLabels[(int)fault], figures.CountOf(fault));
            }
        }

        writer.Begin(Duration);
        foreach (var figures in versions)
        {
            writer.Sample(figures.Labels, figures.Duration);
        }
    }

    private static void WriteReasons(MetricsWriter writer, MetricFamily family, VersionFigures[] versions, Func<VersionFigures, ReasonCounts> get)
    {
        writer.Begin(family);
        foreach (var reason in versions.SelectMany(figures => get(figures).Entries))
        {
            writer.Sample(reason.Labels, reason.Count);
        }
    }

    private void WriteResponses(MetricsWriter writer, RouteTable table)
    {
        writer.Begin(Responses);
        foreach (var figures in table.Models.Select(model => model.Figures).Append(metrics.Unknown))
        {
            foreach (var fault in FaultClasses.All)
            {
                writer.Sample(figures.OutcomeLabels[(int)fault], figures.CountOf(fault));
            }
        }
    }

    private static void WriteUnheld(MetricsWriter writer, RouteTable table)
    {
        writer.Begin(Unheld);
        foreach (var model in table.Models)
        {
            writer.Sample(model.Figures.Labels, model.Figures.CountOfUnheld);
        }
    }

    private void WriteRefused(MetricsWriter writer, RouteTable table)
    {
        writer.Begin(Refused);
        foreach (var reason in table.Models.Select(model => model.Figures).Append(metrics.Unknown).SelectMany(figures => figures.Refused.Entries))
        {
            writer.Sample(reason.Labels, reason.Count);
        }
    }

    private static void WriteMirrored(MetricsWriter writer, RouteTable table)
    {
        writer.Begin(Mirrored);
        foreach (var model in table.Models)
        {
            // What was counted stays after the rollout, or its last moments would be lost.
            var figures = model.Figures;
            if (model.Canary is not null || MirrorResults.All.Any(result => figures.CountOf(result) > 0))
            {
                foreach (var result in MirrorResults.All)
                {
                    writer.Sample(figures.MirrorLabels[(int)result], figures.CountOf(result));
                }
            }
        }
    }

    private static void WriteRoutes(MetricsWriter writer, RouteTable table)
    {
        writer.Begin(Weights);
        foreach (var model in table.Models)
        {
            // Who gets the rest is the stable version, or the one that stands in for it.
            var canary = model.CanaryWeight.BasisPoints / (double)Weight.Whole;
            WriteIf(writer, model.Default?.Figures?.Labels, 1 - canary);
            WriteIf(writer, model.Canary?.Figures?.Labels, canary);
        }

        writer.Begin(Roles);
        foreach (var model in table.Models)
        {
            WriteIf(writer, model.Stable?.Figures?.StableLabels, 1);
            WriteIf(writer, model.Canary?.Figures?.CanaryLabels, 1);
        }

        writer.Begin(Generation);
        foreach (var model in table.Models.Where(model => model.Serving is not null))
        {
            writer.Sample(model.Figures.Labels, model.Serving!.Generation);
        }
    }

    private static void WriteInFlight(MetricsWriter writer, RouteTable table)
    {
        writer.Begin(InFlight);
        foreach (var (pool, labels) in PoolLabels)
        {
            var inFlight = 0;
            foreach (var replica in table.Replicas.Values)
            {
                inFlight += replica.Pool == pool ? replica.InFlight : 0;
            }

            writer.Sample(labels, inFlight);
        }
    }

    private static void WriteIf(MetricsWriter writer, MetricLabels? labels, double value)
    {
        if (labels is not null)
        {
            writer.Sample(labels, value);
        }
    }

    private static MetricFamily Counter(string instrument, string help) => MetricFamily.OfInstrument(instrument, null, MetricType.Counter, help);

    private static MetricFamily Gauge(string instrument, string? unit, string help) => MetricFamily.OfInstrument(instrument, unit, MetricType.Gauge, help);
}

/// <summary>Brings what is counted and the page that shows it.</summary>
internal static class FiguresSetup
{
    public static void AddFigures(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LatencyEdges>();
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddSingleton<GatewayPage>();
        builder.Services.AddMetricSource<GatewayPage>();
    }
}
