using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Metrics;
using Sluice.Registry.Store;
using Sluice.Registry.Store.Redis;

namespace Sluice.Registry.Replicas;

/// <summary>Reports of replicas and gateways over HTTP.</summary>
internal static class ReplicaEndpoints
{
    /// <summary>Bytes of a report: some ten thousand versions.</summary>
    private const int LongestReport = 4 << 20;

    private const string ReplicaForm =
        "an object with pool, address, device (texts), versions (each with model, version, digest, state Loading | Ready | Failed | Draining, reason), inFlight, capacity";

    private const string GatewayForm =
        "an object with address (text), revision, routes (each with model, generation, canaryWeight 0 to 10000), inFlight";

    /// <summary>Adds the rosters and their expiry.</summary>
    public static WebApplicationBuilder AddReplicas(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IReports>(services => services.GetRequiredService<IOptions<StoreOptions>>().Value.IsRedis
            ? ActivatorUtilities.CreateInstance<RedisReports>(services)
            : ActivatorUtilities.CreateInstance<MemoryReports>(services));
        builder.Services.AddSingleton<ReplicaRoster>();
        builder.Services.AddSingleton<GatewayRoster>();
        builder.Services.AddSingleton<IRoster>(services => services.GetRequiredService<ReplicaRoster>());
        builder.Services.AddSingleton<IRoster>(services => services.GetRequiredService<GatewayRoster>());
        builder.Services.AddHostedService<ExpiryLoop>();
        return builder;
    }

    /// <summary>Maps the reports.</summary>
    public static void MapReplicas(this IEndpointRouteBuilder app)
    {
        app.MapGet(ApiPaths.Replicas, ListReplicas).RequiresAnyKey();
        app.MapGet(ApiPaths.Gateways, ListGateways).RequiresAnyKey();

        // Who is a gateway holds the scope of its watch: a predictor, which parses what may be hostile, cannot speak for one.
        var reports = app.MapGroup("").WithMetadata(new RequestSizeLimitAttribute(LongestReport));
        reports.MapPut(ApiPaths.Replica, PutReplica).Requires(Scopes.Replica);
        reports.MapDelete(ApiPaths.Replica, DeleteReplica).Requires(Scopes.Replica);
        reports.MapPut(ApiPaths.Gateway, PutGateway).Requires(Scopes.Watch);
        reports.MapDelete(ApiPaths.Gateway, DeleteGateway).Requires(Scopes.Watch);
    }

    private static async Task<JsonHttpResult<IReadOnlyList<ReplicaView>>> ListReplicas(ReplicaRoster roster, CancellationToken cancellationToken)
    {
        var entries = await roster.ListAsync(cancellationToken);
        IReadOnlyList<ReplicaView> views =
            [.. entries.Select(entry => new ReplicaView(entry.Status, entry.Last?.InFlight ?? 0, entry.Last?.Capacity ?? 0, entry.Last?.At))];
        return TypedResults.Json(views, ContractsJson.Default.IReadOnlyListReplicaView);
    }

    private static async Task<JsonHttpResult<IReadOnlyList<GatewayView>>> ListGateways(GatewayRoster roster, CancellationToken cancellationToken)
    {
        var entries = await roster.ListAsync(cancellationToken);
        IReadOnlyList<GatewayView> views =
            [.. entries.Select(entry => new GatewayView(entry.Status, entry.Last?.Revision ?? 0, entry.Last?.InFlight ?? 0, entry.Last?.At))];
        return TypedResults.Json(views, ContractsJson.Default.IReadOnlyListGatewayView);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> PutReplica(
        string id, HttpRequest request, ReplicaRoster roster, RegistryMetrics metrics, CancellationToken cancellationToken)
    {
        var report = await JsonBody.ReadAsync(request, ContractsJson.Default.ReplicaReport, ReplicaForm, cancellationToken);
        if (ReportRules.FindProblem(id, report) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        await roster.ReportAsync(id, report, cancellationToken);
        metrics.ReportTaken(ObjectKinds.Replica);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> PutGateway(
        string id, HttpRequest request, GatewayRoster roster, RegistryMetrics metrics, CancellationToken cancellationToken)
    {
        var report = await JsonBody.ReadAsync(request, ContractsJson.Default.GatewayReport, GatewayForm, cancellationToken);
        if (ReportRules.FindProblem(id, report) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        await roster.ReportAsync(id, report, cancellationToken);
        metrics.ReportTaken(ObjectKinds.Gateway);
        return TypedResults.NoContent();
    }

    private static Task<Results<NoContent, ProblemHttpResult>> DeleteReplica(string id, ReplicaRoster roster, CancellationToken cancellationToken) =>
        DeleteAsync(id, roster.RemoveAsync, cancellationToken);

    private static Task<Results<NoContent, ProblemHttpResult>> DeleteGateway(string id, GatewayRoster roster, CancellationToken cancellationToken) =>
        DeleteAsync(id, roster.RemoveAsync, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, Func<string, CancellationToken, Task> remove, CancellationToken cancellationToken)
    {
        if (ReportRules.CheckId(id) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        await remove(id, cancellationToken);
        return TypedResults.NoContent();
    }
}
