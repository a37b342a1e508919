using System.Net;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Access;

/// <summary>Wrong credentials, again and again.</summary>
public sealed class FailedAttemptTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Too_many_wrong_ones_are_put_off_and_right_ones_never()
    {
        await using var registry = new GuardedRegistry();
        using var guesser = registry.As("slk_" + new string('A', 43));
        using var gateway = registry.As(GuardedRegistry.SecretOf("gateway"));
        for (var i = 0; i < 20; i++)
        {
            using var refused = await guesser.GetAsync(ApiPaths.Models, Token);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var putOff = await guesser.GetAsync(ApiPaths.Models, Token);
        await Calls.AssertProblemAsync(putOff, 429, "Authorization");
        Assert.InRange(putOff.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);

        using var right = await gateway.GetAsync(ApiPaths.Models, Token);
        using var none = await registry.Http.GetAsync(ApiPaths.Models, Token);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (right.StatusCode, none.StatusCode));
    }
}
