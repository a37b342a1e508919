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
    private static readonly Endpoint V1 = Named(InferencePaths.V1Model + InferencePaths.PredictVerb);
    private static readonly Endpoint VersionV1 = Named(InferencePaths.V1ModelVersion + InferencePaths.PredictVerb);
    private static readonly Endpoint Invocations = Named(InferencePaths.Invocations);
    private static readonly Endpoint VersionInvocations = Named(InferencePaths.VersionInvocations);
    private static readonly Endpoint BareInvocations = Named(InferencePaths.BareInvocations);
    private static readonly Endpoint Predict = Named(InferencePaths.Predict);
    private static readonly Endpoint VersionPredict = Named(InferencePaths.VersionPredict);
    private static readonly Endpoint BarePredict = Named(InferencePaths.BarePredict);

    public static Endpoint For(in InferencePath path) => (path.Protocol, path.Version is not null) switch
    {
        (InferenceProtocol.V2, var pinned) => pinned ? VersionInfer : Infer,
        (InferenceProtocol.V1, var pinned) => pinned ? VersionV1 : V1,
        (InferenceProtocol.MlflowScoring, var pinned) => pinned ? VersionInvocations : path.IsBare ? BareInvocations : Invocations,
        (InferenceProtocol.Plain, var pinned) => pinned ? VersionPredict : path.IsBare ? BarePredict : Predict,
        _ => throw new ArgumentOutOfRangeException(nameof(path)),
    };

    private static Endpoint Named(string template) =>
        new RouteEndpointBuilder(static _ => Task.CompletedTask, RoutePatternFactory.Parse(template), 0) { DisplayName = template }.Build();
}
