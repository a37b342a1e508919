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

    public static Endpoint For(in InferencePath path) => (path.Protocol, path.Version) switch
    {
        (InferenceProtocol.MlflowScoring, null) => Invocations,
        (InferenceProtocol.MlflowScoring, _) => VersionInvocations,
        (_, null) => Infer,
        _ => VersionInfer,
    };

    private static Endpoint Named(string template) =>
        new RouteEndpointBuilder(static _ => Task.CompletedTask, RoutePatternFactory.Parse(template), 0) { DisplayName = template }.Build();
}
