namespace Sluice.Contracts;

/// <summary>A model that was made of an archive.</summary>
/// <param name="Name">Its name here.</param>
/// <param name="Versions">The numbers of its versions, as they were.</param>
/// <param name="Bytes">The size of its files, each counted once.</param>
public sealed record ImportedModel(string Name, IReadOnlyList<int> Versions, long Bytes);
