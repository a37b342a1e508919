namespace Sluice.Contracts;

/// <summary>What the blob store holds.</summary>
public sealed record BlobUsage
{
    /// <summary>Which store, e.g. <c>The S3 bucket models</c>.</summary>
    public required string Store { get; init; }

    /// <summary>Blobs.</summary>
    public required long Blobs { get; init; }

    /// <summary>Their bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Blobs that no version names.</summary>
    public required long Unused { get; init; }

    /// <summary>Their bytes.</summary>
    public required long UnusedBytes { get; init; }

    /// <summary>Those of them that are old enough to be collected.</summary>
    public required long Collectable { get; init; }

    /// <summary>Their bytes.</summary>
    public required long CollectableBytes { get; init; }
}

/// <summary>What a collection of blobs that no version names did.</summary>
public sealed record BlobCollection
{
    /// <summary>Whether it only looked.</summary>
    public bool DryRun { get; init; }

    /// <summary>Blobs in the store before it.</summary>
    public required long Examined { get; init; }

    /// <summary>Blobs that it deleted, or would have.</summary>
    public required long Deleted { get; init; }

    /// <summary>Their bytes.</summary>
    public required long DeletedBytes { get; init; }

    /// <summary>Blobs that no version names and that were too young, or that came into use while it ran.</summary>
    public required long Spared { get; init; }
}
