using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Store;

namespace Sluice.Registry.Audit;

/// <summary>Who did what, when and why. An entry is part of the batch that makes the change: there is neither a change without it nor it without the change.</summary>
internal sealed class AuditLog(IStore store, TimeProvider time)
{
    private const string Log = "audit";

    /// <summary>Adds an entry to a batch.</summary>
    /// <param name="batch">The batch that makes the change.</param>
    /// <param name="caller">Who.</param>
    /// <param name="action">What, as <c>thing.deed</c>.</param>
    /// <param name="model">The model it is about.</param>
    /// <param name="version">The version it is about.</param>
    /// <param name="reason">Why.</param>
    /// <param name="details">The figures it rests on; no secrets.</param>
    public StoreBatch Note(
        StoreBatch batch, Caller caller, string action, string? model = null, int? version = null, string? reason = null, JsonElement? details = null) =>
        batch.Append(Log, JsonSerializer.SerializeToUtf8Bytes(
            new AuditRecord
            {
                At = time.GetUtcNow(),
                Actor = caller.Name,
                Action = action,
                Model = model,
                Version = version,
                Reason = reason,
                Details = details,
            },
            ContractsJson.Default.AuditRecord));

    /// <summary>A part of the log, and the number of its newest entry.</summary>
    public async Task<(IReadOnlyList<AuditRecord> Records, long Last)> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var page = await store.ReadLogAsync(Log, after, limit, cancellationToken);
        return ([.. page.Entries.Select(Read)], page.Last);
    }

    private static AuditRecord Read(LogEntry entry) =>
        JsonSerializer.Deserialize(entry.Value.Span, ContractsJson.Default.AuditRecord)! with { Number = entry.Number };
}
