using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Registry.Access;

/// <summary>Knows the other services by the secrets in the settings.</summary>
internal sealed class ServiceSecrets(IOptions<AccessOptions> options)
{
    private readonly (byte[] Hash, Caller Caller)[] _services =
        [.. options.Value.Services.Select(pair => (KeySecret.HashOf(pair.Value.Token!), CallerOf(pair.Key)))];

    /// <summary>Whether there is a secret for whoever sets the Registry up.</summary>
    public bool HasAdmin => _services.Any(service => service.Caller.Holds(Scopes.Admin));

    /// <summary>The service that a secret belongs to; null when none.</summary>
    public Caller? Find(string secret)
    {
        // Hashes are compared, and all of them, so that the time taken tells neither content nor length nor owner of a secret.
        var hash = KeySecret.HashOf(secret);
        Caller? found = null;
        foreach (var service in _services)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, service.Hash) ? service.Caller : found;
        }

        return found;
    }

    private static Caller CallerOf(string service) => new(service.ToLowerInvariant(), [ServiceNames.FindScope(service)!]);
}
