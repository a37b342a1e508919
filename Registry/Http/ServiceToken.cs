using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Sluice.Registry.Http;

/// <summary>Lets only the other services in, by the secret they share with the Registry, where one is set.</summary>
internal sealed class ServiceToken(IOptions<RegistryOptions> options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _hash = options.Value.ServiceToken is { } token ? Hash(token) : null;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (_hash is null || IsRight(context.HttpContext.Request.Headers.Authorization.ToString()))
        {
            return await next(context);
        }

        context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Refused(
            StatusCodes.Status401Unauthorized,
            "Authorization: expected 'Bearer' and the service token. The Registry knows it as Registry:ServiceToken, a service as RegistryClient:Token.");
    }

    // Hashes are compared, so that the time taken tells neither the content nor the length of the secret.
    private bool IsRight(string authorization) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), _hash);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

/// <summary>Puts endpoints behind the service token.</summary>
internal static class ServiceTokenEndpoints
{
    /// <summary>Answers 401 to whoever does not have the token, where one is set.</summary>
    public static TBuilder RequireServiceToken<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter<TBuilder, ServiceToken>();
}
