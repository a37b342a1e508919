using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Store;

namespace Sluice.Registry.Rollouts;

/// <summary>The evidence on a rollout: what the judge saw, appended by compare-and-set on the log's length, so that two judges cannot mix theirs.</summary>
internal static class EvidenceEndpoints
{
    private const int LongestBody = 1024 * 1024;
    private const int MostEntries = 1000;
    private const string Form = """{"after": number of the newest entry you know, 0 for none, "entries": [objects]}""";

    /// <summary>Maps the evidence log.</summary>
    public static void MapEvidence(this IEndpointRouteBuilder app)
    {
        app.MapGet(ApiPaths.RolloutEvidence, Read).RequiresAnyKey();
        app.MapPost(ApiPaths.RolloutEvidence, Append).Requires(Scopes.Judge).WithMetadata(new RequestSizeLimitAttribute(LongestBody));
    }

    private static async Task<Results<JsonHttpResult<EvidencePage>, ProblemHttpResult>> Read(
        string model, int number, string? after, string? limit, IStore store, RolloutRecords records, CancellationToken cancellationToken)
    {
        if (!TryParse(after, 0, long.MaxValue, 0, out var from))
        {
            return Problems.Invalid("after", $"'{after}' is no number of an entry: a whole number from 0 is expected");
        }

        if (!TryParse(limit, 1, MostEntries, MostEntries, out var most))
        {
            return Problems.Invalid("limit", $"'{limit}' is not 1 to {MostEntries}");
        }

        var id = RolloutId.Of(model, number);
        if (await records.FindAsync(id, cancellationToken) is null)
        {
            return RolloutEndpoints.NoRollout(id);
        }

        var page = await store.ReadLogAsync(StoreKeys.Evidence(id), from, (int)most, cancellationToken);
        return TypedResults.Json(
            new EvidencePage([.. page.Entries.Select(entry => new EvidenceEntry(entry.Number, JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.JsonElement)))], page.Last),
            ContractsJson.Default.EvidencePage);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Append(
        string model, int number, HttpRequest request, IStore store, RolloutRecords records, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.EvidenceAppend, Form, cancellationToken);
        if (body.After < 0)
        {
            return Problems.Invalid("after", "a whole number from 0 is expected");
        }

        if (body.Entries.Count is 0 or > MostEntries || body.Entries.Any(entry => entry.ValueKind != JsonValueKind.Object))
        {
            return Problems.Invalid("entries", $"1 to {MostEntries} objects are expected");
        }

        var id = RolloutId.Of(model, number);
        if (await records.FindAsync(id, cancellationToken) is not { } rollout)
        {
            return RolloutEndpoints.NoRollout(id);
        }

        if (rollout.IsClosed)
        {
            return Problems.Refused(StatusCodes.Status409Conflict, $"Rollout {id} is over: {rollout.Phase}. Its evidence is complete.");
        }

        var log = StoreKeys.Evidence(id);
        var batch = new StoreBatch();
        for (var i = 0; i < body.Entries.Count; i++)
        {
            batch.Append(log, Encoding.UTF8.GetBytes(body.Entries[i].GetRawText()), i == 0 ? body.After : null);
        }

        if ((await store.CommitAsync(batch, cancellationToken)).Succeeded)
        {
            return TypedResults.NoContent();
        }

        var last = (await store.ReadLogAsync(log, long.MaxValue, 1, cancellationToken)).Last;
        return Problems.Refused(
            StatusCodes.Status409Conflict,
            $"after: {body.After} was given, the newest entry is {last}. Another judge is at work, or an earlier request of yours arrived after all.",
            ("last", last));
    }

    private static bool TryParse(string? text, long least, long most, long otherwise, out long number)
    {
        number = otherwise;
        return text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }
}
