using Sluice.Contracts;

namespace Sluice.Registry.Access;

/// <summary>What an endpoint asks of its callers: metadata of the endpoint, enforced by <see cref="Door"/>.</summary>
/// <param name="IsPublic">Whether everybody is let in, with a credential or without.</param>
/// <param name="Scopes">One of these is needed, or <see cref="Contracts.Scopes.Admin"/>; empty when any credential will do.</param>
internal sealed record AccessRule(bool IsPublic, IReadOnlyList<string> Scopes)
{
    /// <summary>What holds for an endpoint that says nothing.</summary>
    public static AccessRule Undeclared { get; } = new(IsPublic: false, [Contracts.Scopes.Admin]);
}

/// <summary>Says what a caller must be allowed to do, and who he is. Every endpoint says one of these; a test looks.</summary>
internal static class AccessEndpoints
{
    /// <summary>Lets in callers that hold one of these scopes, or <see cref="Scopes.Admin"/>; a key for one model only where the path names that model.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder endpoints, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AccessRule(IsPublic: false, scopes));

    /// <summary>Lets in callers with any valid key, token or service secret: for reading what is no secret among users.</summary>
    public static TBuilder RequiresAnyKey<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AccessRule(IsPublic: false, []));

    /// <summary>Lets everybody in.</summary>
    public static TBuilder AllowsEverybody<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AccessRule(IsPublic: true, []));

    /// <summary>Who sends this request.</summary>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? Access.Caller.Nobody;
}
