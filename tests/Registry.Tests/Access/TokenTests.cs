using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Store;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Access;

/// <summary>Tokens: made of a key, verified by anybody, ended with their secret.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    /// <summary>How every unsealed PKCS #8 of this curve begins, in the base64 of JSON.</summary>
    private const string PrivateKeyStart = "ADCBhwIBADATBgcqhkjOPQIB";

    private readonly StandingDate _time = new();
    private GuardedRegistry _registry = null!;
    private HttpClient _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = new GuardedRegistry(time: _time);
        _admin = _registry.As(GuardedRegistry.SecretOf("admin"));
        await _admin.RegisterAsync("wine", OnnxModels.Scale(1, -1));
        await _admin.RegisterAsync("beer", OnnxModels.Scale(1, -1));
    }

    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        return _registry.DisposeAsync();
    }

    [Fact]
    public async Task A_token_is_for_inference_with_its_model_until_it_ends()
    {
        var key = await _admin.CreateKeyAsync(Scopes.Infer);
        var token = await IssueAsync(key.Secondary, "wine");
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal((now + 3600, now + 2880, "Bearer"), (token.ExpiresOn, token.RefreshBy, token.TokenType));

        Assert.Equal(200, await StatusAsync(token.Token, "/api/models/wine"));
        Assert.Equal(403, await StatusAsync(token.Token, "/api/models/beer"));
        Assert.Equal(403, await StatusAsync(token.Token, ApiPaths.Keys));
        using var holder = _registry.As(token.Token);
        using var another = await holder.SendAsAsync("POST", "/api/models/wine/token", null);
        await Calls.AssertProblemAsync(another, 403, "API key");

        _time.Advance(TimeSpan.FromMinutes(59.9));
        Assert.Equal(200, await StatusAsync(token.Token, "/api/models/wine"));
        _time.Advance(TimeSpan.FromMinutes(0.1));
        Assert.Equal(401, await StatusAsync(token.Token, "/api/models/wine"));
    }

    [Fact]
    public async Task Anybody_can_verify_a_token_with_the_published_keys_and_nothing_else()
    {
        var key = await _admin.CreateKeyAsync(Scopes.Infer, "wine");
        var token = await IssueAsync(key.Primary, "wine");

        using var anybody = new HttpClient { BaseAddress = _registry.Http.BaseAddress };
        foreach (var path in new[] { ApiPaths.TokenKeys, ApiPaths.WellKnownTokenKeys })
        {
            var text = await anybody.GetStringAsync(path, Token);
            using var document = JsonDocument.Parse(text);
            var jwk = Assert.Single(document.RootElement.GetProperty("keys").EnumerateArray().ToArray());
            Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], jwk.EnumerateObject().Select(property => property.Name).Order()); // no d
            var claims = Verify(token.Token, jwk);
            Assert.Equal(("wine", "infer", key.Key.Name, "sluice"), (Text(claims, "model"), Text(claims, "scope"), Text(claims, "sub"), Text(claims, "aud")));
            Assert.Equal(token.ExpiresOn, claims.GetProperty("exp").GetInt64());
            Assert.Equal(key.Key.Primary.Fingerprint, Text(claims, "key_fingerprint"));
        }

        static string? Text(JsonElement claims, string name) => claims.GetProperty(name).GetString();
    }

    [Theory]
    [InlineData("regenerate")]
    [InlineData("delete")]
    [InlineData("expire")]
    [InlineData("replace")]
    public async Task A_token_ends_with_what_it_was_made_with(string deed)
    {
        var key = await _admin.CreateKeyAsync(Scopes.Infer, expiresAt: _time.GetUtcNow().AddMinutes(10));
        var (first, second) = (await IssueAsync(key.Primary, "wine"), await IssueAsync(key.Secondary, "wine"));
        Assert.Equal(_time.GetUtcNow().AddMinutes(10).ToUnixTimeSeconds(), first.ExpiresOn);
        switch (deed)
        {
            case "regenerate":
                await _admin.SendAsAsync("POST", $"/api/keys/{key.Key.Name}/regenerate?which=primary", null);
                break;
            case "delete":
                await _admin.DeleteAsync(ApiPaths.ForKey(key.Key.Name), Token);
                break;
            case "replace":
                await _admin.SendAsAsync("POST", ApiPaths.ReplaceTokenKeys, null);
                break;
            default:
                _time.Advance(TimeSpan.FromMinutes(10));
                Assert.Equal(401, await StatusAsync(key.Primary, "/api/models/wine"));
                break;
        }

        Assert.Equal(401, await StatusAsync(first.Token, "/api/models/wine"));
        Assert.Equal(deed == "regenerate" ? 200 : 401, await StatusAsync(second.Token, "/api/models/wine"));
    }

    [Fact]
    public async Task A_token_that_was_tampered_with_is_nobodys()
    {
        var key = await _admin.CreateKeyAsync(Scopes.Infer, "wine");
        var parts = (await IssueAsync(key.Primary, "wine")).Token.Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var kid = JsonElement.Parse(Base64Url.DecodeFromChars(parts[0])).GetProperty("kid").GetString();
        var jwks = await _admin.GetByteArrayAsync(ApiPaths.TokenKeys, Token);

        var admin = Encode(claims.Replace("\"infer\"", "\"admin\"", StringComparison.Ordinal));
        var none = Encode("""{"alg":"none","typ":"JWT"}""");
        var symmetric = Encode($$"""{"alg":"HS256","kid":"{{kid}}","typ":"JWT"}""");
        var stranger = SignedByAnother(parts[0], parts[1]);
        foreach (var forged in new[]
        {
            $"{parts[0]}.{admin}.{parts[2]}",
            $"{none}.{admin}.",
            $"{none}.{parts[1]}.{parts[2]}",
            $"{symmetric}.{parts[1]}.{Base64Url.EncodeToString(HMACSHA256.HashData(jwks, Encoding.ASCII.GetBytes($"{symmetric}.{parts[1]}")))}",
            stranger,
            $"{parts[0]}.{parts[1]}",
            $"{parts[0]}.{parts[1]}.{parts[2]}.x",
            $"{parts[0]}..{parts[2]}",
            "eyJ",
            "eyJ" + new string('A', 6000),
        })
        {
            Assert.Equal(401, await StatusAsync(forged, "/api/models/wine"));
        }
    }

    [Fact]
    public async Task Neither_a_service_nor_a_key_without_the_scope_or_for_another_model_gets_a_token()
    {
        var reader = await _admin.CreateKeyAsync(Scopes.Register);
        var beer = await _admin.CreateKeyAsync(Scopes.Infer, "beer");
        var all = await _admin.CreateKeyAsync(Scopes.Infer);
        foreach (var (credential, path, status) in new[]
        {
            (GuardedRegistry.SecretOf("admin"), "/api/models/wine/token", 403),
            (reader.Primary, "/api/models/wine/token", 403),
            (beer.Primary, "/api/models/wine/token", 403),
            (all.Primary, "/api/models/nothing/token", 404),
            (all.Primary, "/api/models/n%20o/token", 400),
        })
        {
            using var answer = await _registry.SendAsync("POST", path, "Bearer " + credential);
            await Calls.AssertProblemAsync(answer, status);
        }
    }

    [Fact]
    public async Task A_new_signing_key_is_published_before_it_signs_and_an_old_one_until_its_last_token_ended()
    {
        var key = await _admin.CreateKeyAsync(Scopes.Infer);
        var first = await KidOfNewTokenAsync(key);
        Assert.Equal([first], await PublishedAsync());

        _time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromHours(1));
        Assert.Equal(first, await KidOfNewTokenAsync(key));
        var published = await PublishedAsync();
        Assert.Equal((2, first), (published.Length, published[0]));

        _time.Advance(TimeSpan.FromMinutes(59));
        var last = await IssueAsync(key.Primary, "wine");
        Assert.Equal(first, KidOf(last.Token));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(published[1], await KidOfNewTokenAsync(key));
        Assert.Equal(200, await StatusAsync(last.Token, "/api/models/wine"));

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([published[1]], await PublishedAsync());
    }

    [Fact]
    public async Task Private_keys_are_sealed_in_the_store_and_a_lost_secret_costs_only_another_key()
    {
        using var data = new TemporaryFolder();
        CreatedApiKey key;
        AccessToken token;
        await using (var first = Sealed(data, new string('a', 32)))
        {
            using var admin = first.As(GuardedRegistry.SecretOf("admin"));
            await admin.RegisterAsync("wine", OnnxModels.Scale(1, -1));
            key = await admin.CreateKeyAsync(Scopes.Infer);
            token = await IssueAsync(first, key.Primary, "wine");
        }

        foreach (var file in Directory.GetFiles(data.Path, "registry.db*"))
        {
            var content = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Token));
            Assert.DoesNotContain(PrivateKeyStart, content, StringComparison.Ordinal);
            Assert.DoesNotContain(key.Primary, content, StringComparison.Ordinal);
            Assert.DoesNotContain(token.Token, content, StringComparison.Ordinal);
        }

        await using var second = Sealed(data, new string('b', 32));
        Assert.NotEqual(KidOf(token.Token), KidOf((await IssueAsync(second, key.Primary, "wine")).Token));
        using var holder = second.As(token.Token);
        using var answer = await holder.GetAsync("/api/models/wine", Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Without_that_secret_they_are_in_the_store_as_they_are()
    {
        await _admin.CreateKeyAsync(Scopes.Infer);

        var store = _registry.Services.GetRequiredService<IStore>();
        var kept = Encoding.UTF8.GetString((await store.GetAsync(StoreKeys.SigningKeys, Token))!.Value.Span);

        Assert.Contains(PrivateKeyStart, kept, StringComparison.Ordinal); // or the test above could not fail
    }

    private static GuardedRegistry Sealed(TemporaryFolder data, string secret) =>
        new(data.Path, new() { ["Registry:Tokens:EncryptionSecret"] = secret, ["Logging:LogLevel:Default"] = "None" });

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string SignedByAnother(string header, string claims)
    {
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return $"{header}.{claims}.{Base64Url.EncodeToString(another.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256))}";
    }

    // By the framework alone, as somebody would who has never seen our code.
    private static JsonElement Verify(string token, JsonElement jwk)
    {
        var parts = token.Split('.');
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = { X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()) },
        });
        Assert.Equal(jwk.GetProperty("kid").GetString(), KidOf(token));
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        return JsonElement.Parse(Base64Url.DecodeFromChars(parts[1]));
    }

    private static string KidOf(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[0])).GetProperty("kid").GetString()!;

    private async Task<string> KidOfNewTokenAsync(CreatedApiKey key) => KidOf((await IssueAsync(key.Primary, "wine")).Token);

    private async Task<string[]> PublishedAsync() =>
        [.. (await _admin.GetAsync(ApiPaths.TokenKeys, ContractsJson.Default.TokenKeySet)).Keys.Select(key => key.Kid)];

    private Task<AccessToken> IssueAsync(string secret, string model) => IssueAsync(_registry, secret, model);

    private static async Task<AccessToken> IssueAsync(GuardedRegistry registry, string secret, string model)
    {
        using var answer = await registry.SendAsync("POST", $"/api/models/{model}/token", "Bearer " + secret);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        return await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.AccessToken);
    }

    private async Task<int> StatusAsync(string credential, string path)
    {
        using var holder = _registry.As(credential);
        using var answer = await holder.GetAsync(path, Token);
        return (int)answer.StatusCode;
    }

    /// <summary>A date that stands still until it is advanced. Timers are the system's: by ManualTime, a month would be millions of their ticks.</summary>
    private sealed class StandingDate : TimeProvider
    {
        private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
