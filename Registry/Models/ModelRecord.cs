using Sluice.Contracts;

namespace Sluice.Registry.Models;

/// <summary>The record of a model: what outlives any of its versions. Compare-and-set on it orders all changes of the model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HighestVersion">The highest number a version of it ever had; 0 when it has had none.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record ModelRecord(string Name, int HighestVersion, DateTimeOffset CreatedAt)
{
    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Alias → number of a version that exists.</summary>
    public IReadOnlyDictionary<string, int> Aliases { get; init => field = value ?? new Dictionary<string, int>(); } = new Dictionary<string, int>();

    public IReadOnlyList<Gate> Gates { get; init => field = value ?? []; } = [];

    /// <summary>The aliases of one version, in ordinal order.</summary>
    public IReadOnlyList<string> AliasesOf(int version) =>
        [.. Aliases.Where(pair => pair.Value == version).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
}
