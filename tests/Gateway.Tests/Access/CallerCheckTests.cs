using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Routing;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Gateway.Tests.Routing;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Access;

/// <summary>Keys and tokens over time: what ends them, and what goes on.</summary>
public sealed class CallerCheckTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ECDsa _signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CallerCheck _check;
    private ClusterState _state = ClusterState.Empty;
    private RouteTable _table = RouteTable.Empty;

    public CallerCheckTests() => _check = new CallerCheck(
        new AccessPolicy(AccessPolicy.Keys, new ConfigurationBuilder().Build(), new HostingEnvironment()), _time, NullLogger<CallerCheck>.Instance);

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void A_key_ends_with_its_time()
    {
        var key = new TestKey("acme", expiresAt: _time.GetUtcNow().AddSeconds(10));
        Use(_state.With(key.Key));

        Assert.Null(Check(key.Primary));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains("expired", Check(key.Primary)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_for_its_model_and_ends_with_its_time()
    {
        var key = new TestKey("acme");
        Use(_state.With(key.Key).With(PublicKeys("k1")));
        var token = Token(key, "wine", TimeSpan.FromMinutes(10));

        Assert.Null(Check(token, "wine"));
        Assert.Null(Check(token, "wine")); // now from memory
        Assert.Equal(403, Check(token, "beer")?.Status);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Contains("has ended", Check(token, "wine")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_ends_with_the_secret_it_was_made_with_and_with_the_key()
    {
        var key = new TestKey("acme");
        Use(_state.With(key.Key).With(PublicKeys("k1")));
        var (first, second) = (Token(key, "wine", TimeSpan.FromHours(1)), Token(key, "wine", TimeSpan.FromHours(1), key.Key.Secondary.Fingerprint));
        Assert.Null(Check(first, "wine"));
        Assert.Null(Check(second, "wine"));

        Use(_state.With(key.Key with { Primary = KeySecret.Of("another", default) }));
        Assert.Equal(401, Check(first, "wine")?.Status);
        Assert.Null(Check(second, "wine"));

        Use(_state.With(ObjectKinds.Key, "acme", null));
        Assert.Equal(401, Check(second, "wine")?.Status);
    }

    [Fact]
    public void All_tokens_end_when_the_public_keys_are_replaced_and_none_when_one_is_added()
    {
        var key = new TestKey("acme");
        Use(_state.With(key.Key).With(PublicKeys("k1")));
        var token = Token(key, "wine", TimeSpan.FromHours(1));
        Assert.Null(Check(token, "wine"));

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Use(_state.With(new TokenKeySet([PublicKey(_signer, "k1"), PublicKey(other, "k2")])));
        Assert.Null(Check(token, "wine"));

        Use(_state.With(new TokenKeySet([PublicKey(other, "k2")])));
        Assert.Equal(401, Check(token, "wine")?.Status);
    }

    [Fact]
    public void A_token_that_somebody_else_signed_or_changed_is_none()
    {
        var key = new TestKey("acme");
        Use(_state.With(key.Key).With(PublicKeys("k1")));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var good = Token(key, "wine", TimeSpan.FromHours(1));
        var parts = good.Split('.');
        var other = Token(key, "beer", TimeSpan.FromHours(1)).Split('.');

        Assert.Null(Check(good, "wine"));
        Assert.Equal(401, Check(Token(key, "wine", TimeSpan.FromHours(1), signer: stranger), "wine")?.Status);
        Assert.Equal(401, Check($"{parts[0]}.{other[1]}.{parts[2]}", "beer")?.Status);
        Assert.Equal(401, Check($"{parts[0]}.{parts[1]}.", "wine")?.Status);
        Assert.Equal(401, Check(good + new string('a', 5000), "wine")?.Status);
    }

    [Fact]
    public void More_tokens_than_are_remembered_are_all_accepted()
    {
        var key = new TestKey("acme");
        Use(_state.With(key.Key).With(PublicKeys("k1")));
        string[] tokens = [.. Enumerable.Range(0, 20).Select(_ => Token(key, "wine", TimeSpan.FromHours(1)))];

        Assert.All(tokens.Concat(tokens), token => Assert.Null(Check(token, "wine")));
    }

    [Fact]
    public void Keys_that_did_not_change_are_not_looked_at_again()
    {
        Use(_state.With(new TestKey("acme").Key).With(PublicKeys("k1")));
        var before = _table.Callers;

        Use(_state.WithVersion("wine", 1).WithReplica("a", ("wine", 1, VersionState.Ready)));
        Assert.Same(before, _table.Callers);

        Use(_state.With(new TestKey("other").Key));
        Assert.NotSame(before, _table.Callers);
    }

    [Fact]
    public void A_key_whose_hash_is_none_harms_no_other()
    {
        var good = new TestKey("good");
        Use(_state.With(new TestKey("bad").Key with { Primary = new KeySecret("no hex", default), Secondary = new KeySecret("", default) }).With(good.Key));

        Assert.Null(Check(good.Primary));
    }

    private void Use(ClusterState state)
    {
        _state = state;
        _table = RouteTableBuilder.Build(state, _table, LatencyEdges.Default, _time);
    }

    private Denial? Check(string credential, string model = "wine")
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = $"Bearer {credential}";
        return _check.CheckInference(context, _table, model, out _);
    }

    private TokenKeySet PublicKeys(string name) => new([PublicKey(_signer, name)]);

    private static TokenKey PublicKey(ECDsa pair, string name)
    {
        var point = pair.ExportParameters(includePrivateParameters: false).Q;
        return new TokenKey(name, Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
    }

    private string Token(TestKey key, string model, TimeSpan life, string? fingerprint = null, ECDsa? signer = null) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = TokenClaims.Issuer,
        Audience = TokenClaims.Issuer,
        IssuedAt = _time.GetUtcNow().UtcDateTime,
        NotBefore = _time.GetUtcNow().UtcDateTime,
        Expires = (_time.GetUtcNow() + life).UtcDateTime,
        Claims = new Dictionary<string, object>
        {
            ["sub"] = key.Key.Name,
            ["jti"] = Guid.NewGuid().ToString("N"),
            [TokenClaims.Model] = model,
            [TokenClaims.Scope] = Scopes.Infer,
            [TokenClaims.Fingerprint] = fingerprint ?? key.Key.Primary.Fingerprint,
        },
        SigningCredentials = new SigningCredentials(
            new ECDsaSecurityKey(signer ?? _signer) { KeyId = "k1", CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
            SecurityAlgorithms.EcdsaSha256),
    });
}
