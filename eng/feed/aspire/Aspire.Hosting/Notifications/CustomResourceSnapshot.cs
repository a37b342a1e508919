using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource's state at one moment, of one process where it has several.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>Project, Executable or Parameter.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Shown on the dashboard by name.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>The state; see <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>When the resource was added (UTC).</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When the process started (UTC).</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When the process ended (UTC).</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The process's exit code; -1 when a signal ended it.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Addresses.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>The process's environment.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>The other resources this one hangs on.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>Results of the health checks.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>Whether the dashboard leaves it out of its table.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Null unless running; then the worst report, where a check that has not run yet counts as unhealthy.</summary>
    public HealthStatus? HealthStatus =>
        State?.Text != KnownResourceStates.Running ? null
        : HealthReports.IsEmpty ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
        : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);

    /// <summary>Set once the resource is ready: the run of those who asked to hear of it.</summary>
    internal Task? ReadyEvent { get; init; }
}

/// <summary>A state with the style the dashboard gives it.</summary>
/// <param name="Text">The state.</param>
/// <param name="Style">success, info, warning or error.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style.</summary>
#pragma warning disable CA2225 // as in the real API: the constructor is the alternative
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
#pragma warning restore CA2225
}

/// <summary>A named value.</summary>
/// <param name="Name">For example <c>executable.pid</c>.</param>
/// <param name="Value">Text, a number, a list of texts or null.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Whether the dashboard masks it.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>An environment variable of a process.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value.</param>
/// <param name="IsFromSpec">Whether the AppHost set it; else it is inherited.</param>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>An address.</summary>
/// <param name="Name">Name of the endpoint.</param>
/// <param name="Url">The URL.</param>
/// <param name="IsInternal">Whether it is shown in the details only.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>Whether nobody listens there now.</summary>
    public bool IsInactive { get; init; }

    /// <summary>How it is shown.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}

/// <summary>How a URL is shown.</summary>
/// <param name="DisplayName">Text in its place.</param>
/// <param name="SortOrder">Higher comes first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>How a resource hangs on another.</summary>
/// <param name="ResourceName">The other's name.</param>
/// <param name="Type">Reference or WaitFor.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>The last result of a health check.</summary>
/// <param name="Name">Name of the check.</param>
/// <param name="Status">Null until it has run.</param>
/// <param name="Description">What it found.</param>
/// <param name="ExceptionText">How it failed.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When it ran (UTC).</summary>
    public DateTime? LastRunAt { get; init; }
}
