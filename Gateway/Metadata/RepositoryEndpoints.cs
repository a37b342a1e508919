using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Metadata;

/// <summary>The body of <c>POST /v2/repository/index</c>.</summary>
/// <param name="Ready">True to list only versions that can be asked.</param>
internal sealed record IndexQuery(bool? Ready = null);

/// <summary>One version in the repository index.</summary>
internal sealed record IndexEntry(string Name, string Version, string State, string Reason);

/// <summary>The repository extension of v2, as far as it is for reading: what is loaded is decided by the Registry.</summary>
internal static class RepositoryEndpoints
{
    private const string Ready = "READY";
    private const int MaxQueryBytes = 64 * 1024;

    public static void MapRepository(this IEndpointRouteBuilder app)
    {
        app.MapPost(InferencePaths.RepositoryIndex, ListAsync).RequiresKey();
        app.MapPost(InferencePaths.RepositoryLoad, () => Refuse(InferenceProtocol.V2));
        app.MapPost(InferencePaths.RepositoryUnload, () => Refuse(InferenceProtocol.V2));
    }

    private static async Task<IResult> ListAsync(HttpContext context, Routes routes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxQueryBytes;
        }

        try
        {
            var query = await ReadAsync(context);
            IndexEntry[] entries = [.. List(routes.Current, Caller.Of(context), query.Ready is true)];
            return TypedResults.Json(entries, MetadataJson.Default.IndexEntryArray);
        }
        catch (BadHttpRequestException bad)
        {
            return bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? new Refusal(InferenceProtocol.V2, FaultClass.Client, bad.StatusCode, "The body is too large for a query.")
                : Refusal.BrokenRequest(InferenceProtocol.V2, bad.StatusCode);
        }
        catch (JsonException)
        {
            return new Refusal(
                InferenceProtocol.V2, FaultClass.Client, StatusCodes.Status400BadRequest, """The body must be empty, or {"ready": true or false}.""");
        }
    }

    private static async Task<IndexQuery> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.Length == 0 ? new IndexQuery() : JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), MetadataJson.Default.IndexQuery) ?? new IndexQuery();
    }

    /// <summary>The versions that are known and that a caller may ask, and where they stand.</summary>
    public static IEnumerable<IndexEntry> List(RouteTable table, Caller caller, bool onlyReady) =>
        List(table, caller).Where(entry => !onlyReady || entry.State == Ready);

    private static IEnumerable<IndexEntry> List(RouteTable table, Caller caller)
    {
        var held = table.State.Replicas.Values.SelectMany(replica => replica.Versions).ToLookup(version => (version.Model, version.Version, version.Digest));
        return from model in table.Models.Where(model => caller.Covers(model.Model)).OrderBy(model => model.Model, StringComparer.Ordinal)
               from version in model.Versions
               select Describe(version, held[(version.Model, version.Version, version.Definition.Digest)]);
    }

    // What stands of the several replicas that have it is what they come to: one that is ready is enough, one that loads is hope.
    private static IndexEntry Describe(VersionRoute version, IEnumerable<ReplicaVersion> held)
    {
        var (state, reason) = version.IsReady ? (Ready, "")
            : held.Any(each => each.State == VersionState.Loading) ? ("LOADING", "It is being fetched, loaded and proved.")
            : held.Any(each => each.State == VersionState.Draining) ? ("UNLOADING", "It is wanted no more.")
            : held.FirstOrDefault(each => each.State == VersionState.Failed) is { } failed ? ("UNAVAILABLE", failed.Reason ?? "It could not be loaded.")
            : ("UNAVAILABLE", "No replica has it.");
        return new IndexEntry(version.Model, version.VersionText, state, reason);
    }

    /// <summary>Nothing is loaded or unloaded at a caller's wish.</summary>
    public static Refusal Refuse(InferenceProtocol protocol) => new(
        protocol,
        FaultClass.Client,
        StatusCodes.Status403Forbidden,
        "Models are not loaded or unloaded here: the Registry decides what replicas hold. Change the serving state, or start a rollout, there.");
}
