using System.Diagnostics;
using OpenTelemetry;

namespace Sluice.ServiceDefaults;

/// <summary>
/// Names server spans by method and route, as OpenTelemetry's conventions ask: <c>POST /v2/models/{model}/infer</c>. ASP.NET Core tags them with both
/// but leaves the name to instrumentation packages.
/// </summary>
internal sealed class ServerSpanNames : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Server && data.GetTagItem("http.request.method") is string method)
        {
            data.DisplayName = data.GetTagItem("http.route") is string route ? $"{method} {route}" : method;
        }
    }
}
