namespace Sluice.Contracts;

/// <summary>A model as <c>GET /api/models</c> shows it.</summary>
/// <param name="Name">Its name (<see cref="ModelName"/>).</param>
/// <param name="HighestVersion">The highest number a version of it ever had; 0 when it has had none.</param>
/// <param name="CreatedAt">When it was created, by name or with its first version.</param>
/// <param name="Serving">Its desired state; null before a version was set to serve.</param>
public sealed record ModelView(string Name, int HighestVersion, DateTimeOffset CreatedAt, ServingState? Serving)
{
    /// <summary>What a person wants to know about it.</summary>
    public string? Description { get; init; }

    /// <summary>Free words by key.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Names for versions (<see cref="AliasName"/>) that move: alias → number.</summary>
    public IReadOnlyDictionary<string, int> Aliases { get; init => field = value ?? new Dictionary<string, int>(); } = new Dictionary<string, int>();

    /// <summary>What a version must pass before a rollout of it may start.</summary>
    public IReadOnlyList<Gate> Gates { get; init => field = value ?? []; } = [];
}
