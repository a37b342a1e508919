using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Access;

/// <summary>API keys: made, used, regenerated, ended.</summary>
public sealed class KeyTests(SharedGuardedRegistry registry) : IClassFixture<SharedGuardedRegistry>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Admin { get; } = registry.As(GuardedRegistry.SecretOf("admin"));

    [Fact]
    public async Task A_new_key_has_two_secrets_which_are_shown_once_and_either_will_do()
    {
        var name = Calls.NewModel();
        using var answer = await Admin.SendAsAsync("POST", ApiPaths.Keys, null, $$"""{"name": "{{name}}", "scopes": ["register"]}""");
        var created = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.CreatedApiKey);

        Assert.Equal($"/api/keys/{name}", answer.Headers.Location?.OriginalString);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.NotEqual(created.Primary, created.Secondary);
        Assert.All([created.Primary, created.Secondary], secret => Assert.Matches(new Regex("^slk_[A-Za-z0-9_-]{43}$"), secret));
        foreach (var secret in new[] { created.Primary, created.Secondary })
        {
            using var holder = registry.As(secret);
            await holder.RegisterAsync(Calls.NewModel(), OnnxModels.Scale(1, -1));
        }

        foreach (var path in new[] { ApiPaths.Keys, ApiPaths.ForKey(name), ApiPaths.Audit })
        {
            var text = await Admin.GetStringAsync(path, Token);
            Assert.Contains(name, text, StringComparison.Ordinal);
            Assert.DoesNotContain(created.Primary, text, StringComparison.Ordinal);
            Assert.DoesNotContain(created.Secondary, text, StringComparison.Ordinal);
            Assert.DoesNotContain(KeySecret.Of(created.Primary, default).Hash, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("primary")]
    [InlineData("secondary")]
    public async Task Regenerating_one_secret_ends_it_and_leaves_the_other_at_work(string which)
    {
        var key = await Admin.CreateKeyAsync(Scopes.Register);
        var (old, other) = which == "primary" ? (key.Primary, key.Secondary) : (key.Secondary, key.Primary);

        using var answer = await Admin.SendAsAsync("POST", $"/api/keys/{key.Key.Name}/regenerate?which={which}", null);
        var made = await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.RegeneratedSecret);

        Assert.Equal(which, made.Which.ToString(), ignoreCase: true);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal((401, 200, 200), (await StatusAsync(old), await StatusAsync(other), await StatusAsync(made.Secret)));
        Assert.Equal(made.Key, await Admin.GetAsync(ApiPaths.ForKey(key.Key.Name), ContractsJson.Default.ApiKeyView), SameKey);
    }

    [Fact]
    public async Task A_rate_limit_is_set_with_the_key_or_later_and_taken_away_and_on_record()
    {
        var name = Calls.NewModel();
        var path = $"/api/keys/{name}/rate-limit";
        using var made = await Admin.SendAsAsync("POST", ApiPaths.Keys, null, $$$"""{"name": "{{{name}}}", "scopes": ["infer"], "rateLimit": {"requestsPerSecond": 2.5} }""");
        Assert.Equal(new RateLimit(2.5), (await Calls.ReadAsync(made, HttpStatusCode.Created, ContractsJson.Default.CreatedApiKey)).Key.RateLimit);

        using var set = await Admin.SendAsAsync("PUT", path, null, """{"requestsPerSecond": 50, "burst": 200}""");
        var limited = await Calls.ReadAsync(set, HttpStatusCode.OK, ContractsJson.Default.ApiKeyView);
        using var again = await Admin.SendAsAsync("PUT", path, null, """{"requestsPerSecond": 50, "burst": 200}""");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(new RateLimit(50, 200), limited.RateLimit);
        Assert.Equal(limited, await Admin.GetAsync(ApiPaths.ForKey(name), ContractsJson.Default.ApiKeyView), SameKey);

        using var taken = await Admin.DeleteAsync(path, Token);
        Assert.Null((await Calls.ReadAsync(taken, HttpStatusCode.OK, ContractsJson.Default.ApiKeyView)).RateLimit);
        var audit = await Admin.GetStringAsync(ApiPaths.Audit + "?limit=1000", Token);
        Assert.Contains("50/s, burst 200", audit, StringComparison.Ordinal);
        Assert.Equal(2, JsonElement.Parse(audit).GetProperty("records").EnumerateArray().Count(
            record => record.GetProperty("action").GetString() == "key.limit" && record.GetProperty("details").GetProperty("key").GetString() == name));
        using var unknown = await Admin.SendAsAsync("PUT", "/api/keys/nobodys/rate-limit", null, """{"requestsPerSecond": 1}""");
        await Calls.AssertProblemAsync(unknown, 404, "nobodys");
    }

    [Theory]
    [InlineData("""{"requestsPerSecond": 0}""", "requestsPerSecond")]
    [InlineData("""{"requestsPerSecond": 2000000}""", "requestsPerSecond")]
    [InlineData("""{"requestsPerSecond": "many"}""", "requestsPerSecond")]
    [InlineData("""{"requestsPerSecond": 5, "burst": 0}""", "burst")]
    [InlineData("""{"requestsPerSecond": 5, "burst": 1.5}""", "burst")]
    [InlineData("""{"burst": 5}""", "requestsPerSecond")]
    [InlineData("null", "requestsPerSecond")]
    public async Task A_rate_limit_that_is_none_is_refused_by_its_field(string limit, string field)
    {
        var name = (await Admin.CreateKeyAsync(Scopes.Infer)).Key.Name;

        using var set = await Admin.SendAsAsync("PUT", $"/api/keys/{name}/rate-limit", null, limit);
        Assert.True((int)set.StatusCode is 400 or 422, $"{set.StatusCode}");
        Assert.Contains(field, await set.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        if (limit != "null")
        {
            using var made = await Admin.SendAsAsync("POST", ApiPaths.Keys, null, $$"""{"name": "{{Calls.NewModel()}}", "scopes": ["infer"], "rateLimit": {{limit}} }""");
            Assert.True((int)made.StatusCode is 400 or 422, $"{made.StatusCode}");
            Assert.Contains("rateLimit", await made.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_deleted_key_is_accepted_no_more_and_its_name_is_free_again()
    {
        var key = await Admin.CreateKeyAsync(Scopes.Register);
        using var first = await Admin.DeleteAsync(ApiPaths.ForKey(key.Key.Name), Token);
        using var second = await Admin.DeleteAsync(ApiPaths.ForKey(key.Key.Name), Token);

        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        await Calls.AssertProblemAsync(second, 404, key.Key.Name);
        using var again = await Admin.SendAsAsync("POST", ApiPaths.Keys, null, $$"""{"name": "{{key.Key.Name}}", "scopes": ["infer"]}""");
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal((401, 401), (await StatusAsync(key.Primary), await StatusAsync(key.Secondary)));
    }

    [Fact]
    public async Task A_key_for_one_model_is_for_that_model()
    {
        var model = Calls.NewModel();
        await Admin.RegisterAsync(model, OnnxModels.Scale(1, -1));
        var key = await Admin.CreateKeyAsync(Scopes.Register, model);
        using var holder = registry.As(key.Primary);

        await holder.ServeAsync(model, 1);
        using var others = await holder.ServeAsync(model + "x", """{"stable": 1}""");
        using var upper = await holder.GetAsync($"/api/models/{model.ToUpperInvariant()}", Token);
        using var all = await holder.GetAsync(ApiPaths.Models, Token);

        await Calls.AssertProblemAsync(others, 403, $"is for the model {model} only");
        await Calls.AssertProblemAsync(upper, 403, $"is for the model {model} only");
        await Calls.AssertProblemAsync(all, 403, "not about one model");
    }

    [Fact]
    public async Task A_key_reads_what_is_there_but_commands_only_by_its_scopes()
    {
        var key = await Admin.CreateKeyAsync(Scopes.Infer);
        using var holder = registry.As(key.Primary);

        using var read = await holder.GetAsync(ApiPaths.Models, Token);
        using var command = await holder.UploadAsync("m", Calls.Raw([1]));
        using var keys = await holder.GetAsync(ApiPaths.Keys, Token);
        using var watch = await holder.GetAsync(ApiPaths.Watch, HttpCompletionOption.ResponseHeadersRead, Token);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        await Calls.AssertProblemAsync(command, 403, key.Key.Name, "infer", "register");
        await Calls.AssertProblemAsync(keys, 403, "admin");
        await Calls.AssertProblemAsync(watch, 403, "watch or replica or judge");
    }

    [Theory]
    [InlineData("""{"scopes": ["infer"]}""", 400, "name: missing")]
    [InlineData("""{"name": "k"}""", 400, "scopes: missing")]
    [InlineData("""{"name": "k/..", "scopes": ["infer"]}""", 400, "name: 'k/..' is not a key's name")]
    [InlineData("""{"name": "Admin", "scopes": ["infer"]}""", 400, "name: 'Admin' is the Registry's word")]
    [InlineData("""{"name": "k", "scopes": []}""", 400, "scopes: one at least")]
    [InlineData("""{"name": "k", "scopes": [null]}""", 400, "scopes: 'null' is none")]
    [InlineData("""{"name": "k", "scopes": ["root"]}""", 400, "scopes: 'root' is none")]
    [InlineData("""{"name": "k", "scopes": ["infer", "admin"], "model": "wine"}""", 400, "scopes: admin is about all models")]
    [InlineData("""{"name": "k", "scopes": ["infer"], "model": "../wine"}""", 400, "model: '../wine'")]
    [InlineData("""{"name": "k", "scopes": ["infer"], "expiresAt": "2001-01-01T00:00:00Z"}""", 400, "expiresAt: 2001")]
    [InlineData("""{"name": "k", "scopes": ["infer"], "expiresAt": "soon"}""", 400, "expiresAt")]
    [InlineData("""[]""", 400, "The body")]
    public async Task A_wish_that_is_not_as_expected_is_refused_with_its_field(string wish, int status, string words)
    {
        using var answer = await Admin.SendAsAsync("POST", ApiPaths.Keys, null, wish);

        await Calls.AssertProblemAsync(answer, status, words);
    }

    [Fact]
    public async Task A_name_is_given_once_and_what_is_not_there_is_said()
    {
        var key = await Admin.CreateKeyAsync(Scopes.Infer);
        using var again = await Admin.SendAsAsync("POST", ApiPaths.Keys, null, $$"""{"name": "{{key.Key.Name}}", "scopes": ["admin"]}""");
        using var unknown = await Admin.SendAsAsync("POST", "/api/keys/nobody/regenerate?which=primary", null);
        using var neither = await Admin.SendAsAsync("POST", $"/api/keys/{key.Key.Name}/regenerate?which=both", null);
        using var get = await Admin.GetAsync("/api/keys/nobody", Token);

        await Calls.AssertProblemAsync(again, 409, key.Key.Name);
        await Calls.AssertProblemAsync(unknown, 404, "nobody");
        await Calls.AssertProblemAsync(neither, 400, "which: 'both'", "primary or secondary");
        await Calls.AssertProblemAsync(get, 404, "nobody");
    }

    [Fact]
    public async Task Only_watchers_with_the_scope_watch_are_told_of_keys_and_none_of_secrets()
    {
        using var gateway = registry.As(GuardedRegistry.SecretOf("gateway"));
        using var predictor = registry.As(GuardedRegistry.SecretOf("predictor"));
        await using var known = await Watch.Events.OpenAsync(gateway);
        await using var hidden = await Watch.Events.OpenAsync(predictor);
        await known.NextEventAsync();
        await hidden.NextEventAsync();

        var key = await Admin.CreateKeyAsync(Scopes.Infer);

        var told = await AtAsync(known, change => change.Key == key.Key.Name);
        var record = told.Changes.Single(change => change.Kind == ObjectKinds.Key).Value!.Value.Deserialize(ContractsJson.Default.ApiKey)!;
        Assert.NotNull(record.FindSecret(KeySecret.HashOf(key.Primary)));
        Assert.NotNull(record.FindSecret(KeySecret.HashOf(key.Secondary)));
        Assert.Null(record.FindSecret(KeySecret.HashOf(key.Primary + "x")));
        var untold = await AtRevisionAsync(hidden, told.Revision);
        Assert.DoesNotContain(untold.Changes, change => change.Kind == ObjectKinds.Key);

        // Neither by a snapshot.
        foreach (var (watcher, expected) in new[] { (gateway, true), (predictor, false) })
        {
            await using var fresh = await Watch.Events.OpenAsync(watcher);
            var snapshot = await fresh.NextEventAsync();
            Assert.Equal(expected, snapshot.Changes.Any(change => change.Kind == ObjectKinds.Key));
            Assert.Equal(expected, !ClusterState.Empty.Apply(snapshot).Keys.IsEmpty);
            Assert.Single(ClusterState.Empty.Apply(snapshot).TokenKeys);
        }
    }

    private static async Task<WatchEvent> AtAsync(Watch.Events events, Func<WatchChange, bool> wanted)
    {
        while (true)
        {
            if (await events.NextEventAsync() is var watchEvent && watchEvent.Changes.Any(wanted))
            {
                return watchEvent;
            }
        }
    }

    private static async Task<WatchEvent> AtRevisionAsync(Watch.Events events, long revision)
    {
        while (true)
        {
            if (await events.NextEventAsync() is var watchEvent && watchEvent.Revision == revision)
            {
                return watchEvent;
            }
        }
    }

    private async Task<int> StatusAsync(string secret)
    {
        using var holder = registry.As(secret);
        using var answer = await holder.GetAsync(ApiPaths.Models, Token);
        return (int)answer.StatusCode;
    }

    private static bool SameKey(ApiKeyView left, ApiKeyView right) =>
        (left with { Scopes = right.Scopes }) == right && left.Scopes.SequenceEqual(right.Scopes);
}
