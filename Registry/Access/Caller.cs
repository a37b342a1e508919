using Sluice.Contracts;

namespace Sluice.Registry.Access;

/// <summary>Who sends a request, and what he may do.</summary>
/// <param name="Name">The name of his key or service, as the audit log shows it.</param>
/// <param name="Scopes">Of <see cref="Contracts.Scopes"/>.</param>
/// <param name="Model">The one model his key is for; null for all.</param>
internal sealed record Caller(string Name, IReadOnlyList<string> Scopes, string? Model = null)
{
    /// <summary>Whoever sends no key, where none is asked for.</summary>
    public static Caller Anonymous { get; } = new("anonymous", Contracts.Scopes.All);

    /// <summary>Whoever sends no key to an endpoint that is for everybody.</summary>
    public static Caller Nobody { get; } = new("anonymous", []);

    /// <summary>The Registry itself, when it acts on its own.</summary>
    public static Caller Registry { get; } = new("registry", Contracts.Scopes.All);

    /// <summary>Names that no key may have, so that an entry of the audit log has one reading.</summary>
    public static IReadOnlyList<string> ReservedNames { get; } = [Anonymous.Name, Registry.Name, .. ServiceNames.All];

    /// <summary>The secret of the API key by which he came; null for services, tokens, and whoever sends none.</summary>
    public KeySecret? Secret { get; init; }

    /// <summary>Whether he holds a scope, or <see cref="Contracts.Scopes.Admin"/>.</summary>
    public bool Holds(string scope) => Contracts.Scopes.Allow(Scopes, scope);

    /// <summary>Whether what he may do, he may do to this model: for endpoints that learn the model from elsewhere than their path.</summary>
    public bool Covers(string model) => Model is null || string.Equals(Model, model, StringComparison.Ordinal);
}
