namespace Sluice.Contracts;

/// <summary>What an upload is at.</summary>
public enum UploadPhase
{
    /// <summary>Its files arrive.</summary>
    Receiving,

    /// <summary>The artifact is looked at.</summary>
    Checking,

    /// <summary>Files and record are made to last.</summary>
    Recording,

    /// <summary>It is a version.</summary>
    Done,

    /// <summary>Nothing of it is kept; the reason is told.</summary>
    Failed,
}

/// <summary>How far an upload is that was announced with <see cref="SluiceHeaders.UploadId"/>, as <c>GET /api/uploads/{id}</c> shows it.</summary>
public sealed record UploadProgress
{
    /// <summary>The name its sender gave it.</summary>
    public required string Id { get; init; }

    /// <summary>The model it is for.</summary>
    public required string Model { get; init; }

    /// <summary>What it is at.</summary>
    public required UploadPhase Phase { get; init; }

    /// <summary>Bytes of the request's body that arrived.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes that the request says its body has; null when it does not say.</summary>
    public long? Total { get; init; }

    /// <summary>Path of the file that arrives, or arrived last.</summary>
    public string? File { get; init; }

    /// <summary>The version that was made of it, when it is done.</summary>
    public int? Version { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }
}
