namespace Sluice.Contracts;

/// <summary>A part of the audit log.</summary>
/// <param name="Records">The entries asked for, oldest first.</param>
/// <param name="Next">The number after which the next page begins: its <c>after</c>. A page may have fewer entries than asked for, or none, and others follow.</param>
/// <param name="Last">The number of the log's newest entry; when <paramref name="Next"/> has reached it, there are no more.</param>
public sealed record AuditPage(IReadOnlyList<AuditRecord> Records, long Next, long Last);
