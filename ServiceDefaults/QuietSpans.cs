using System.Diagnostics;
using OpenTelemetry;
using Sluice.Contracts;

namespace Sluice.ServiceDefaults;

/// <summary>
/// Keeps spans of housekeeping (probes, reports every two seconds, watches that last for hours) from burying the traces of inference.
/// A failed one is kept.
/// </summary>
internal sealed class QuietSpans : BaseProcessor<Activity>
{
    private static readonly string[] Quiet = ["/health/", "/v2/health/", "/metrics", ApiPaths.Replicas + "/", ApiPaths.Gateways + "/", ApiPaths.Watch];

    public override void OnEnd(Activity data)
    {
        if (data.Status != ActivityStatusCode.Error && IsQuiet(data))
        {
            // The exporting processor behind this one passes over what is not recorded.
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    private static bool IsQuiet(Activity activity)
    {
        var path = activity.GetTagItem("url.path") as string ?? PathOf(activity.GetTagItem("url.full") as string);
        return path is not null && Quiet.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static string? PathOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.AbsolutePath : null;
}
