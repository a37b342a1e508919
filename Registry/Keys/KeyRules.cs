using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Keys;

/// <summary>What a key must be like, field by field.</summary>
internal static class KeyRules
{
    // The others read or say what is about all models.
    private static readonly string[] ScopesForOneModel = [Scopes.Infer, Scopes.Register];

    /// <summary>The first field that is not as expected, and what was; null when all are.</summary>
    public static FieldProblem? FindProblem(NewApiKey key, DateTimeOffset now) =>
        CheckName(key.Name)
        ?? FieldProblem.Unless(
            !Caller.ReservedNames.Contains(key.Name, StringComparer.OrdinalIgnoreCase), "name", $"'{key.Name}' is the Registry's word for somebody else; choose another")
        ?? CheckScopes(key)
        ?? FieldProblem.Unless(key.Model is null || ModelName.IsValid(key.Model), "model", $"'{key.Model}' is not a model's name: {ModelName.Rule} are expected")
        ?? FieldProblem.Unless(key.ExpiresAt is null || key.ExpiresAt > now, "expiresAt", $"{key.ExpiresAt:O} is past; a time in the future is expected")
        ?? (key.RateLimit is { } limit ? CheckRateLimit(limit, "rateLimit.") : null);

    /// <summary>The problem with a rate limit; null when there is none.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="prefix">What stands before the names of its fields.</param>
    public static FieldProblem? CheckRateLimit(RateLimit limit, string prefix = "") =>
        limit.FindProblem() is var (member, expected) ? new FieldProblem(prefix + member, expected) : null;

    /// <summary>The problem with a key's name; null when there is none.</summary>
    public static FieldProblem? CheckName(string name) =>
        FieldProblem.Unless(ModelName.IsValid(name), "name", $"'{name}' is not a key's name: {ModelName.Rule} are expected");

    private static FieldProblem? CheckScopes(NewApiKey key)
    {
        if (key.Scopes.Count == 0)
        {
            return new FieldProblem("scopes", $"one at least is expected, of {string.Join(", ", Scopes.All)}");
        }

        // JSON can have null in a list, whatever the type says.
        string?[] unknown = [.. key.Scopes.Where(scope => scope is null || !Scopes.All.Contains(scope)).Take(1)];
        if (unknown is [var first])
        {
            return new FieldProblem("scopes", $"'{first ?? "null"}' is none; expected are {string.Join(", ", Scopes.All)}");
        }

        return key.Model is not null && key.Scopes.FirstOrDefault(scope => !ScopesForOneModel.Contains(scope)) is { } wide
            ? new FieldProblem("scopes", $"{wide} is about all models; a key for one model can have {string.Join(" and ", ScopesForOneModel)}")
            : null;
    }
}
