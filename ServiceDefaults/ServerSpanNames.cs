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
    public static void UseServerSpanNames(this WebApplication app) => app.Use(static async (context, next) =>
    {
        try
        {
            await next(context);
        }
        finally
        {
            Name(context);
        }
    });

    private static void Name(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity)
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            activity.SetTag("http.route", route);
            activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        }
    }
}
