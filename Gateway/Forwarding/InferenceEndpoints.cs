using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;
using Sluice.Contracts;

namespace Sluice.Gateway.Forwarding;

/// <summary>
/// The endpoints that inference is shown as in traces and server metrics (<c>http.route</c>). Nothing is dispatched by them: see
/// <see cref="InferencePath"/>.
/// </summary>
internal static class InferenceEndpoints
{
    private static readonly Endpoint Infer = Named(InferencePaths.Model + InferencePaths.InferSuffix);
    private static readonly Endpoint VersionInfer = Named(InferencePaths.ModelVersion + InferencePaths.InferSuffix);
    private static readonly Endpoint Invocations = Named(InferencePaths.Invocations);
    private static readonly Endpoint VersionInvocations = Named(InferencePaths.VersionInvocations);

    /// <summary>Sets what the router would have set: the server's metrics read the route from it. The server's span, in .NET 10, does not.</summary>
    public static void Show(HttpContext context, in InferencePath path)
    {
        var endpoint = For(path);
        context.SetEndpoint(endpoint);
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span)
        {
            span.SetTag("http.route", endpoint.DisplayName);
        }
    }

    private static Endpoint For(in InferencePath path) => (path.Protocol, path.Version) switch
    {
        (InferenceProtocol.MlflowScoring, null) => Invocations,
        (InferenceProtocol.MlflowScoring, _) => VersionInvocations,
        (_, null) => Infer,
        _ => VersionInfer,
    };

    private static Endpoint Named(string template) =>
        new RouteEndpointBuilder(static _ => Task.CompletedTask, RoutePatternFactory.Parse(template), 0) { DisplayName = template }.Build();
}
