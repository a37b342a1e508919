using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Store;

namespace Sluice.Registry.Rollouts;

/// <summary>
/// Leases: of several judges one is to work. A lease runs out by the Registry's clock; it saves work and is no lock: whoever believes to hold one still
/// changes things by compare-and-set only.
/// </summary>
internal static class LeaseEndpoints
{
    private const int LongestHolder = 200;
    private const int LongestSeconds = 300;
    private const string Form = """{"holder": who asks, "seconds": 0 to 300}""";

    /// <summary>Maps leases.</summary>
    public static void MapLeases(this IEndpointRouteBuilder app)
    {
        app.MapGet(ApiPaths.Lease, Get).Requires(Scopes.Judge);
        app.MapPut(ApiPaths.Lease, Put).Requires(Scopes.Judge);
    }

    /// <summary>Who holds a lease at a time; without a holder when nobody does.</summary>
    public static async Task<Lease> FindAsync(IStore store, string name, DateTimeOffset now, CancellationToken cancellationToken) =>
        Read(await store.GetAsync(StoreKeys.Lease(name), cancellationToken)) is { } held && held.Until > now ? held : new Lease(name, null, null);

    private static async Task<Results<JsonHttpResult<Lease>, ProblemHttpResult>> Get(
        string name, IStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(name))
        {
            return InvalidName(name);
        }

        return TypedResults.Json(await FindAsync(store, name, time.GetUtcNow(), cancellationToken), ContractsJson.Default.Lease);
    }

    private static async Task<Results<JsonHttpResult<Lease>, ProblemHttpResult>> Put(
        string name, HttpRequest request, IStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(name))
        {
            return InvalidName(name);
        }

        var wish = await JsonBody.ReadAsync(request, ContractsJson.Default.LeaseRequest, Form, cancellationToken);
        if (wish.Holder.Length is 0 or > LongestHolder)
        {
            return Problems.Invalid("holder", $"1 to {LongestHolder} characters are expected");
        }

        if (wish.Seconds is < 0 or > LongestSeconds)
        {
            return Problems.Invalid("seconds", $"0 to {LongestSeconds} are expected");
        }

        while (true)
        {
            var entry = await store.GetAsync(StoreKeys.Lease(name), cancellationToken);
            var now = time.GetUtcNow();
            if (Read(entry) is { } held && held.Until > now && held.Holder != wish.Holder)
            {
                return Problems.Refused(
                    StatusCodes.Status409Conflict, $"{held.Holder} holds the lease {name} until {held.Until:O}.", ("holder", held.Holder), ("until", held.Until));
            }

            var lease = wish.Seconds == 0 ? new Lease(name, null, null) : new Lease(name, wish.Holder, now.AddSeconds(wish.Seconds));
            var batch = new StoreBatch().Put(
                StoreKeys.Lease(name), JsonSerializer.SerializeToUtf8Bytes(lease, ContractsJson.Default.Lease), entry?.ModRevision ?? StoreBatch.Absent);
            if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
            {
                return TypedResults.Json(lease, ContractsJson.Default.Lease);
            }
        }
    }

    private static Lease? Read(StoreEntry? entry) => entry is null ? null : JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.Lease);

    private static ProblemHttpResult InvalidName(string name) => Problems.Invalid("name", $"'{name}' is no lease's name: {ModelName.Rule} are expected");
}
