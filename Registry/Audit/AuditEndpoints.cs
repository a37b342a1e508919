using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Audit;

/// <summary>The audit log over HTTP: page by page, or all of it as JSON lines.</summary>
internal static class AuditEndpoints
{
    private const int DefaultLimit = 100;
    private const int LongestPage = 1000;
    private const int MostLookedAt = 20_000; // entries that one page looks at for such as match

    /// <summary>Adds the log.</summary>
    public static WebApplicationBuilder AddAudit(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuditLog>();
        return builder;
    }

    /// <summary>Maps the log.</summary>
    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        var audit = app.MapGroup("").Requires(Scopes.Admin);
        audit.MapGet(ApiPaths.Audit, Get);
        audit.MapGet(ApiPaths.AuditExport, Export);
    }

    private static async Task<Results<JsonHttpResult<AuditPage>, ProblemHttpResult>> Get(
        string? after, string? limit, string? model, string? actor, string? action, AuditLog log, CancellationToken cancellationToken)
    {
        if (!TryReadNumber(after, 0, 0, long.MaxValue, out var start))
        {
            return Problems.Invalid("after", $"'{after}' is no entry's number: a whole number from 0 is expected");
        }

        if (!TryReadNumber(limit, DefaultLimit, 1, LongestPage, out var most))
        {
            return Problems.Invalid("limit", $"'{limit}' is not a whole number from 1 to {LongestPage}");
        }

        var filter = new AuditFilter(model, actor, action);
        var found = new List<AuditRecord>();
        var (next, last) = (start, start);
        do
        {
            var (records, newest) = await log.ReadAsync(next, LongestPage, cancellationToken);
            last = newest;
            foreach (var record in records.TakeWhile(_ => found.Count < most))
            {
                next = record.Number;
                if (filter.Matches(record))
                {
                    found.Add(record);
                }
            }
        }
        while (found.Count < most && next < last && next - start < MostLookedAt);

        return TypedResults.Json(new AuditPage(found, next, last), ContractsJson.Default.AuditPage);
    }

    private static PushStreamHttpResult Export(
        string? model, string? actor, string? action, HttpContext context, AuditLog log, CancellationToken cancellationToken)
    {
        context.Response.Headers.ContentDisposition = "attachment; filename=audit.ndjson";
        var filter = new AuditFilter(model, actor, action);
        return TypedResults.Stream(stream => new AuditExport(log, filter).WriteAsync(stream, cancellationToken), "application/x-ndjson");
    }

    private static bool TryReadNumber(string? text, long missing, long smallest, long largest, out long number)
    {
        number = missing;
        return text is null
            || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= smallest && number <= largest);
    }
}

/// <summary>Which entries are asked for.</summary>
/// <param name="Model">Those about this model; null for all.</param>
/// <param name="Actor">Those of this one; null for all.</param>
/// <param name="Action">Those of this action, or of all of a thing's (<c>key.</c>); null for all.</param>
internal sealed record AuditFilter(string? Model, string? Actor, string? Action)
{
    /// <summary>Whether an entry is asked for.</summary>
    public bool Matches(AuditRecord record) =>
        (Model is null || record.Model == Model)
        && (Actor is null || record.Actor == Actor)
        && (Action is null || record.Action == Action || (Action.EndsWith('.') && record.Action.StartsWith(Action, StringComparison.Ordinal)));
}

/// <summary>
/// Writes the log as JSON lines, each with a link: SHA-256 of the link before it (32 zero bytes at first) and the line's bytes without its link. Links are a
/// function of the log alone, so they are computed here and not kept: who noted number and link of one export sees in any later one whether an entry up to
/// there was changed, left out or put in.
/// </summary>
/// <remarks>
/// Keeping them in the entries would prove no more, since whoever can change the store can compute them anew, and would make every command of every
/// Registry process wait for the last one's entry: an append that names its predecessor conflicts with all others.
/// </remarks>
internal sealed class AuditExport(AuditLog log, AuditFilter filter)
{
    private const int Page = 1000;

    private readonly ArrayBufferWriter<byte> _line = new();
    private byte[] _link = new byte[SHA256.HashSizeInBytes];

    /// <summary>Writes what the log has at this time.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var (records, last) = await log.ReadAsync(0, Page, cancellationToken);
        while (records.Count > 0)
        {
            foreach (var record in records.Where(record => record.Number <= last))
            {
                var line = Link(record);
                if (filter.Matches(record))
                {
                    await stream.WriteAsync(line, cancellationToken);
                }
            }

            await stream.FlushAsync(cancellationToken);
            if (records[^1].Number >= last)
            {
                return;
            }

            (records, _) = await log.ReadAsync(records[^1].Number, Page, cancellationToken);
        }
    }

    private ReadOnlyMemory<byte> Link(AuditRecord record)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(record, ContractsJson.Default.AuditRecord);
        _link = SHA256.HashData([.. _link, .. body]);
        _line.ResetWrittenCount();
        _line.Write(body.AsSpan(0, body.Length - 1)); // without its closing brace
        _line.Write(",\"link\":\""u8);
        _line.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(_link)));
        _line.Write("\"}\n"u8);
        return _line.WrittenMemory;
    }
}
