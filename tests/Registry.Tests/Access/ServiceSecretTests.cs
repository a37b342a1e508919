using System.Net;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Access;

/// <summary>Each service is let in by its own secret to what it needs, and to nothing else.</summary>
public sealed class ServiceSecretTests(SharedGuardedRegistry registry) : IClassFixture<SharedGuardedRegistry>
{
    private static readonly string Blob = ApiPaths.ForBlob(VersionDigest.Prefix + new string('0', 64));

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer gateway-secret-0123456789abcde")]
    [InlineData("Bearer gateway-secret-0123456789abcdef0")]
    [InlineData("Basic gateway-secret-0123456789abcdef")]
    [InlineData("gateway-secret-0123456789abcdef")]
    [InlineData("Bearer slk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImFkbWluIn0.")]
    public async Task Without_a_credential_that_is_right_nothing_is_answered(string? authorization)
    {
        foreach (var (method, path) in new[] { ("GET", ApiPaths.Watch), ("GET", Blob), ("PUT", "/api/replicas/r"), ("DELETE", "/api/gateways/g"), ("GET", ApiPaths.Models), ("PUT", "/api/models/m/serving") })
        {
            using var answer = await registry.SendAsync(method, path, authorization);

            // Wrong ones too often from one address are 429: so many tests are that address.
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                await Calls.AssertProblemAsync(answer, 401, "Authorization", "RegistryClient:Token");
                Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
            }
        }
    }

    [Theory]
    [InlineData("gateway", "GET", "/api/watch", 200)]
    [InlineData("gateway", "DELETE", "/api/gateways/g", 204)]
    [InlineData("gateway", "GET", "/api/models", 200)]
    [InlineData("gateway", "DELETE", "/api/replicas/r", 403)]
    [InlineData("gateway", "GET", "BLOB", 403)]
    [InlineData("gateway", "PUT", "/api/models/m/serving", 403)]
    [InlineData("predictor", "GET", "/api/watch", 200)]
    [InlineData("predictor", "DELETE", "/api/replicas/r", 204)]
    [InlineData("predictor", "GET", "BLOB", 404)]
    [InlineData("predictor", "DELETE", "/api/gateways/g", 403)]
    [InlineData("predictor", "PUT", "/api/models/m/serving", 403)]
    [InlineData("judge", "GET", "/api/watch", 200)]
    [InlineData("judge", "DELETE", "/api/replicas/r", 403)]
    [InlineData("judge", "POST", "/api/models/m/versions", 403)]
    [InlineData("admin", "GET", "BLOB", 404)]
    [InlineData("admin", "DELETE", "/api/gateways/g", 204)]
    [InlineData("admin", "PUT", "/api/models/m/serving", 404)]
    public async Task A_service_may_do_what_its_scope_says(string service, string method, string path, int status)
    {
        using var answer = await registry.SendAsync(method, path.Replace("BLOB", Blob, StringComparison.Ordinal), $"bearer {GuardedRegistry.SecretOf(service)}", """{"stable": 1}""");

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 403)
        {
            await Calls.AssertProblemAsync(answer, 403, $"{service} has the scope", "needs");
        }
    }
}
