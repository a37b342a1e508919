using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Access;

namespace Sluice.Registry.Tests.Access;

/// <summary>What endpoints say of whom they let in.</summary>
public sealed class DeclarationTests(SharedRegistry registry)
{
    private IEnumerable<RouteEndpoint> Endpoints => registry.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    [Fact]
    public void Every_endpoint_says_what_it_requires()
    {
        Assert.True(Endpoints.Count() > 20);

        var silent = Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<AccessRule>() is null).Select(endpoint => endpoint.DisplayName);

        Assert.True(!silent.Any(), $"Add .Requires(scope), .RequiresAnyKey() or .AllowsEverybody() to: {string.Join(", ", silent)}");
    }

    [Fact]
    public void Only_public_keys_and_the_description_of_the_API_are_for_everybody()
    {
        var forEverybody = Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<AccessRule>() is { IsPublic: true }).Select(endpoint => endpoint.RoutePattern.RawText);

        Assert.Equal([ApiPaths.WellKnownTokenKeys, ApiPaths.TokenKeys, ApiPaths.Document], forEverybody.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Commands_require_a_scope_and_only_scopes_that_there_are()
    {
        foreach (var endpoint in Endpoints)
        {
            var rule = endpoint.Metadata.GetMetadata<AccessRule>()!;
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
            Assert.All(rule.Scopes, scope => Assert.Contains(scope, Scopes.All));
            Assert.True(rule.Scopes.Count > 0 || methods.All(method => method is "GET" or "HEAD"), $"{endpoint.DisplayName} is a command and requires no scope.");
        }
    }
}
