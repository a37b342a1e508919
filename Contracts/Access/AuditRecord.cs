using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>One entry of the audit log: who did what, when, why, with the figures it rested on. Appended with the change itself, never changed.</summary>
public sealed record AuditRecord
{
    /// <summary>Its place in the log, from 1, without gaps.</summary>
    public long Number { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who: the name of a key or service, or <c>anonymous</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>What, as <c>thing.deed</c>, e.g. <c>rollout.start</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The model it was about, if one.</summary>
    public string? Model { get; init; }

    /// <summary>The version it was about, if one.</summary>
    public int? Version { get; init; }

    /// <summary>Why, in the caller's words or the Registry's.</summary>
    public string? Reason { get; init; }

    /// <summary>The figures it rested on, an object; no secrets.</summary>
    public JsonElement? Details { get; init; }
}
