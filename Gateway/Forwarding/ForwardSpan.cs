using System.Diagnostics;
using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Forwarding;

/// <summary>The span of one attempt at a replica: child of the server's span, parent of the replica's.</summary>
internal static class ForwardSpan
{
    private static readonly ActivitySource Source = new(MetricNames.GatewayMeter);

    /// <summary>Null, and free of cost, when nobody listens.</summary>
    public static Activity? Start(VersionRoute version, Replica replica, int resends)
    {
        var span = Source.StartActivity("forward", ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("sluice.model", version.Model);
            span.SetTag("sluice.version", version.VersionText);
            span.SetTag("sluice.replica", replica.Id);
            span.SetTag("server.address", replica.Address.Host);
            span.SetTag("server.port", replica.Address.Port);
            if (resends > 0)
            {
                span.SetTag("http.request.resend_count", resends);
            }
        }

        return span;
    }

    /// <summary>Notes the outcome.</summary>
    public static void Stop(Activity? span, FaultClass outcome)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("sluice.outcome", outcome.Label());
            if (outcome is FaultClass.Model or FaultClass.Capacity or FaultClass.Deadline or FaultClass.Gateway)
            {
                span.SetStatus(ActivityStatusCode.Error, outcome.Label());
            }
        }
    }
}
