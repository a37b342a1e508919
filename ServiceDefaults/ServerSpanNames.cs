using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Sluice.ServiceDefaults;

/// <summary>
/// Names server spans by method and route, as OpenTelemetry's conventions ask: <c>POST /v2/models/{model}/infer</c>. ASP.NET Core leaves that to
/// instrumentation packages.
/// </summary>
internal static class ServerSpanNames
{
    /// <summary>Names the spans of requests that somebody collects; to all others it adds nothing, not even a state machine.</summary>
    public static void UseServerSpanNames(this WebApplication app) => app.Use(static next => context =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity ? NameAsync(context, activity, next) : next(context));

    private static async Task NameAsync(HttpContext context, Activity activity, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            activity.SetTag("http.route", route);
            activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        }
    }
}
