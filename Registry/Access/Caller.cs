namespace Sluice.Registry.Access;

/// <summary>Who sends a request, and what he may do.</summary>
/// <param name="Name">The name of his key or service, as the audit log shows it.</param>
/// <param name="Scopes">Of <see cref="Contracts.Scopes"/>.</param>
/// <param name="Model">The one model his key is for; null for all.</param>
internal sealed record Caller(string Name, IReadOnlyList<string> Scopes, string? Model = null)
{
    /// <summary>Whoever sends no key, where none is asked for.</summary>
    public static Caller Anonymous { get; } = new("anonymous", Contracts.Scopes.All);

    /// <summary>The Registry itself, when it acts on its own.</summary>
    public static Caller Registry { get; } = new("registry", Contracts.Scopes.All);
}

/// <summary>Says what a caller must be allowed to do, and who he is.</summary>
internal static class AccessEndpoints
{
    /// <summary>Lets in callers that hold one of these scopes, or <see cref="Contracts.Scopes.Admin"/>.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder endpoints, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder =>
        scopes.Contains(Contracts.Scopes.Replica) || scopes.Contains(Contracts.Scopes.Watch) || scopes.Contains(Contracts.Scopes.Judge)
            ? Http.ServiceTokenEndpoints.RequireServiceToken(endpoints)
            : endpoints;

    /// <summary>Who sends this request.</summary>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? Access.Caller.Anonymous;
}
