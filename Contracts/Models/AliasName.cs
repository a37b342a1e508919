namespace Sluice.Contracts;

/// <summary>The rule for an alias: a model's name (<see cref="ModelName"/>) that cannot be taken for a version's number.</summary>
public static class AliasName
{
    /// <summary>The rule in words, for error messages.</summary>
    public const string Rule = ModelName.Rule + ", and not only digits";

    /// <summary>Whether the name is allowed.</summary>
    public static bool IsValid(string? name) => ModelName.IsValid(name) && name.AsSpan().ContainsAnyExceptInRange('0', '9');
}

/// <summary>An alias and the version it stands for, as <c>GET /api/models/{model}/aliases</c> shows it.</summary>
/// <param name="Alias">Its name.</param>
/// <param name="Version">The version's number.</param>
public sealed record AliasView(string Alias, int Version);
