namespace Sluice.Registry.Access;

/// <summary>Tells who a credential belongs to.</summary>
internal sealed class Credentials(ServiceSecrets services)
{
    /// <summary>The caller that a credential belongs to; null, with the reason in words, when it is not accepted.</summary>
    /// <param name="credential">What came after <c>Bearer</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public ValueTask<(Caller? Caller, string Reason)> FindCallerAsync(string credential, CancellationToken cancellationToken) =>
        new((services.Find(credential), "it is no service's secret"));
}
