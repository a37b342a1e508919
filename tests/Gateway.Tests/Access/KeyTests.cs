using System.Net;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Access;

/// <summary>Who is let in, and what he is told who is not.</summary>
public sealed class KeyTests
{
    private const string Infer = "/v2/models/wine/infer";

    private static readonly (string, string) WithKeys = ("Gateway:Access", "keys");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Either_secret_of_a_key_lets_in_and_no_replica_sees_it()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        var key = await AddAsync(stage, new TestKey("acme"));

        foreach (var authorization in new[] { $"Bearer {key.Primary}", $"bearer {key.Secondary}", $"Bearer   {key.Primary} " })
        {
            Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, authorization));
        }

        Assert.All(stage.Predictor().Seen, seen => Assert.DoesNotContain("Authorization", seen.Headers.Keys));
    }

    [Theory]
    [InlineData("/v2/models/wine/infer", "error")]
    [InlineData("/v2/models/wine/versions/1/infer", "error")]
    [InlineData("/v1/models/wine:predict", "error")]
    [InlineData("/models/wine/predict", "error")]
    [InlineData("/predict", "error")]
    [InlineData("/models/wine/invocations", "message")]
    [InlineData("/invocations", "message")]
    [InlineData("/v2/models/beer/infer", "error")]
    public async Task Without_a_credential_it_is_401_in_the_form_of_the_path_and_no_model_is_named(string path, string member)
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);

        using var answer = await stage.Http.SendAsync("POST", path, null);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("client", answer.Headers.GetValues(SluiceHeaders.Fault).Single());
        var message = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token)).GetProperty(member).GetString()!;
        Assert.Contains("Authorization", message, StringComparison.Ordinal);
        Assert.DoesNotContain("wine", message, StringComparison.Ordinal);
        Assert.Empty(stage.Predictor().Seen);
    }

    [Theory]
    [InlineData("Bearer slk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "no such key")]
    [InlineData("Bearer slk_", "no such key")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJtb2RlbCI6IndpbmUifQ.", "form or signature")]
    [InlineData("Bearer eyJ", "form or signature")]
    [InlineData("Bearer gateway-secret-0123456789abcdef", "neither a key nor a token")]
    [InlineData("Bearer ", "expected 'Bearer'")]
    [InlineData("Bearer", "expected 'Bearer'")]
    [InlineData("Basic YTpi", "expected 'Bearer'")]
    [InlineData("slk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "expected 'Bearer'")]
    public async Task A_credential_that_is_none_is_401_and_not_repeated(string authorization, string reason)
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        await AddAsync(stage, new TestKey("acme"));

        using var answer = await stage.Http.SendAsync("POST", Infer, authorization);

        var message = await Answers.AreErrorAsync(answer, HttpStatusCode.Unauthorized, "client");
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain(authorization[(authorization.IndexOf(' ', StringComparison.Ordinal) + 1)..].PadRight(7, '?'), message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_credentials_are_none()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        var key = await AddAsync(stage, new TestKey("acme"));

        var status = await RawHttp.StatusAsync(
            stage.Gateway.Address, $"POST {Infer} HTTP/1.1\r\nHost: a\r\nAuthorization: {key.Bearer}\r\nAuthorization: {key.Bearer}\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(401, status);
    }

    [Fact]
    public async Task A_key_of_another_model_or_for_other_work_is_403_and_one_that_has_expired_401()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        var wine = await AddAsync(stage, new TestKey("for-wine", model: "wine"));
        var beer = await AddAsync(stage, new TestKey("for-beer", model: "beer"));
        var pipeline = await AddAsync(stage, new TestKey("pipeline", scope: Scopes.Register));
        var admin = await AddAsync(stage, new TestKey("boss", scope: Scopes.Admin));
        var old = await AddAsync(stage, new TestKey("old", expiresAt: DateTimeOffset.UnixEpoch));
        using var counts = new Counts(stage.Gateway);

        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, wine.Bearer));
        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, admin.Bearer));
        using (var other = await stage.Http.SendAsync("POST", Infer, beer.Bearer))
        {
            Assert.Contains("'beer' only", await Answers.AreErrorAsync(other, HttpStatusCode.Forbidden, "client"), StringComparison.Ordinal);
        }

        using (var unfit = await stage.Http.SendAsync("POST", Infer, pipeline.Bearer))
        {
            Assert.Contains("scope infer", await Answers.AreErrorAsync(unfit, HttpStatusCode.Forbidden, "client"), StringComparison.Ordinal);
        }

        using (var expired = await stage.Http.SendAsync("POST", Infer, old.Bearer))
        {
            Assert.Contains("expired", await Answers.AreErrorAsync(expired, HttpStatusCode.Unauthorized, "client"), StringComparison.Ordinal);
        }

        Assert.Equal(3, counts.Of(MetricNames.GatewayResponses, ("model", "wine"), ("outcome", "client")));
        Assert.Equal(2, counts.Of(MetricNames.GatewayRefused, ("model", "wine"), ("reason", "forbidden")));
        Assert.Equal(1, counts.Of(MetricNames.GatewayRefused, ("model", "wine"), ("reason", "credential")));
        Assert.Equal(2, counts.Of(MetricNames.GatewayRequests)); // nobody is judged by those who were not let in
    }

    [Fact]
    public async Task A_path_without_a_model_means_that_of_the_key()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        stage.Registry.Register("beer", 1);
        stage.Registry.Serve("beer", stable: 1);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("beer", 1, VersionState.Ready));
        var beer = await AddAsync(stage, new TestKey("for-beer", model: "beer"));
        var all = await AddAsync(stage, new TestKey("for-all"));
        var none = await AddAsync(stage, new TestKey("for-none", model: "juice"));

        Assert.Equal(200, await stage.Http.StatusAsync("POST", "/predict", beer.Bearer));
        Assert.Equal("/models/beer/versions/1/predict", Assert.Single(stage.Predictor().Seen).Path);
        Assert.Equal(400, await stage.Http.StatusAsync("POST", "/predict", all.Bearer));
        using var other = await stage.Http.SendAsync("POST", "/predict", beer.Bearer, (SluiceHeaders.Model, "wine"));
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        using var lost = await stage.Http.SendAsync("POST", "/predict", none.Bearer);
        Assert.DoesNotContain("wine", await Answers.AreErrorAsync(lost, HttpStatusCode.NotFound, "client"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_known_while_the_Registry_is_away_and_after_a_restart_without_it()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        var key = await AddAsync(stage, new TestKey("acme"));
        await Eventually.BecomesTrueAsync(() => File.Exists(stage.StateFile) && new LastKnownGood(stage.StateFile).Read()?.Revision == stage.Registry.Revision);
        await stage.Registry.StopAsync();

        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, key.Bearer));
        await using var second = RunningGateway.Start(stage.Registry.Address, stage.StateFile, WithKeys);
        Assert.Equal(200, await second.Http.StatusAsync("POST", Infer, key.Bearer));
        Assert.Equal(401, await second.Http.StatusAsync("POST", Infer, null));
        Assert.DoesNotContain(key.Primary, await File.ReadAllTextAsync(stage.StateFile, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_anything_is_known_a_caller_is_asked_to_come_back()
    {
        await using var registry = await FakeRegistry.RunAsync();
        await registry.StopAsync();
        using var folder = new TemporaryFolder();
        await using var gateway = RunningGateway.Start(registry.Address, folder.PathOf("state.json"), WithKeys);

        using var answer = await gateway.Http.SendAsync("POST", Infer, new TestKey("acme").Bearer);

        Assert.Contains("knows no models yet", await Answers.AreErrorAsync(answer, HttpStatusCode.ServiceUnavailable, "capacity"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_deleted_or_changed_counts_so_from_the_next_revision_on()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        var (gone, changed) = (await AddAsync(stage, new TestKey("gone")), await AddAsync(stage, new TestKey("changed")));
        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, gone.Bearer));

        stage.Registry.DeleteKey("gone");
        var next = KeySecret.NewText();
        stage.Registry.Key(changed.Key with { Primary = KeySecret.Of(next, DateTimeOffset.UnixEpoch) });
        await stage.CaughtUpAsync();

        Assert.Equal(401, await stage.Http.StatusAsync("POST", Infer, gone.Bearer));
        Assert.Equal(401, await stage.Http.StatusAsync("POST", Infer, changed.Bearer));
        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, $"Bearer {changed.Secondary}"));
        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, $"Bearer {next}"));
    }

    [Fact]
    public async Task In_development_on_loopback_nobody_is_asked_but_a_wrong_credential_is_told_and_a_stranger_behind_a_proxy_is_none_of_ours()
    {
        await using var stage = await Stage.SetWithWineAsync();

        Assert.Equal(200, await stage.Http.StatusAsync("POST", Infer, null));
        Assert.Equal(401, await stage.Http.StatusAsync("POST", Infer, new TestKey("acme").Bearer));
        using var strange = await stage.Http.SendAsync("POST", Infer, null, ("X-Forwarded-For", "10.0.0.7"));
        Assert.Equal(HttpStatusCode.Unauthorized, strange.StatusCode);
        using var near = await stage.Http.SendAsync("POST", Infer, null, ("X-Forwarded-For", "127.0.0.1"));
        Assert.Equal(HttpStatusCode.OK, near.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/", false)]
    [InlineData("GET", "/v2", false)]
    [InlineData("GET", "/v2/health/live", false)]
    [InlineData("GET", "/v2/health/ready", false)]
    [InlineData("GET", "/ping", false)]
    [InlineData("GET", "/health", false)]
    [InlineData("GET", "/version", false)]
    [InlineData("GET", "/v2/models/wine", true)]
    [InlineData("GET", "/v2/models/wine/ready", true)]
    [InlineData("GET", "/v2/models/wine/versions/1", true)]
    [InlineData("GET", "/v2/models/wine/versions/1/ready", true)]
    [InlineData("POST", "/v2/repository/index", true)]
    [InlineData("GET", "/v1/models", true)]
    [InlineData("GET", "/v1/models/wine", true)]
    [InlineData("GET", "/v1/models/wine/versions/1", true)]
    public async Task What_tells_of_models_asks_for_a_key_and_what_tells_of_health_does_not(string method, string path, bool asks)
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        var (wine, beer) = (await AddAsync(stage, new TestKey("for-wine", model: "wine")), await AddAsync(stage, new TestKey("for-beer", model: "beer")));

        using var without = await stage.Http.SendAsync(method, path, null);
        Assert.Equal(asks ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, without.StatusCode);
        Assert.DoesNotContain("wine", await without.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(200, await stage.Http.StatusAsync(method, path, wine.Bearer));
        Assert.Equal(path.Contains("/wine", StringComparison.Ordinal) ? 403 : 200, await stage.Http.StatusAsync(method, path, beer.Bearer));
    }

    [Fact]
    public async Task Lists_of_models_have_those_that_the_key_is_for()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        var (all, beer) = (await AddAsync(stage, new TestKey("for-all")), await AddAsync(stage, new TestKey("for-beer", model: "beer")));

        foreach (var (method, path) in new[] { ("POST", "/v2/repository/index"), ("GET", "/v1/models") })
        {
            using var seen = await stage.Http.SendAsync(method, path, all.Bearer);
            using var hidden = await stage.Http.SendAsync(method, path, beer.Bearer);
            Assert.Contains("wine", await seen.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
            Assert.DoesNotContain("wine", await hidden.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_goes_to_the_Registry_is_the_Registrys_to_judge()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);

        Assert.Equal(200, await stage.Http.StatusAsync("GET", ApiPaths.Models, "Bearer whoever"));
        Assert.Equal(200, await stage.Http.StatusAsync("GET", ApiPaths.Models, null));
        Assert.Equal(["Bearer whoever", ""], stage.Registry.Passed.Select(passed => passed.Authorization));
    }

    [Fact]
    public async Task A_caller_stays_on_a_version_by_his_key_whichever_of_its_secrets_he_sends()
    {
        await using var stage = await Stage.SetWithWineAsync(1, WithKeys);
        stage.Registry.Register("wine", 2);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Ready));
        stage.Registry.Split("wine", stable: 1, canary: 2, weight: 5000, new Stickiness(StickinessKind.Key));
        TestKey[] keys = [.. Enumerable.Range(0, 20).Select(number => new TestKey($"caller-{number}"))];
        foreach (var key in keys)
        {
            stage.Registry.Key(key.Key);
        }

        await stage.CaughtUpAsync();
        var versions = new List<string>();
        foreach (var key in keys)
        {
            var met = new HashSet<string>();
            for (var i = 0; i < 6; i++)
            {
                using var answer = await stage.Http.SendAsync("POST", Infer, $"Bearer {(i % 2 == 0 ? key.Primary : key.Secondary)}");
                met.Add(answer.Headers.GetValues(SluiceHeaders.Version).Single());
            }

            versions.Add(Assert.Single(met));
        }

        Assert.Equal(["1", "2"], versions.Distinct().Order());
    }

    private static async Task<TestKey> AddAsync(Stage stage, TestKey key)
    {
        stage.Registry.Key(key.Key);
        await stage.CaughtUpAsync();
        return key;
    }
}
