using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>Versions after their registration, and the aliases that name them.</summary>
public sealed class VersionTests(SharedRegistry registry) : IAsyncLifetime
{
    private readonly string _model = Calls.NewModel();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Path => $"/api/models/{_model}";

    public async ValueTask InitializeAsync()
    {
        for (var i = 1; i <= 3; i++)
        {
            await registry.Http.RegisterAsync(_model, OnnxModels.Scale(i, -1));
        }
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Description_and_tags_of_a_version_can_be_changed_and_nothing_else()
    {
        var before = await GetAsync(1);
        using var patched = await registry.Http.PatchAsync($"{Path}/versions/1", Calls.Json("""{"description": "first", "tags": {"a": "b"}}"""), Token);

        var after = await Calls.ReadAsync(patched, HttpStatusCode.OK, ContractsJson.Default.ModelVersion);
        Assert.Equivalent(before with { Description = "first", Tags = new Dictionary<string, string> { ["a"] = "b" } }, after, strict: true);
        Assert.Equivalent(after, await GetAsync(1), strict: true);
        foreach (var field in new[] { "digest", "labels", "files", "signature", "metrics", "version" })
        {
            using var refused = await registry.Http.PatchAsync($"{Path}/versions/1", Calls.Json($$"""{"{{field}}": null}"""), Token);
            await Calls.AssertProblemAsync(refused, 400, field, "cannot be changed");
        }

        using var missing = await registry.Http.PatchAsync($"{Path}/versions/9", Calls.Json("{}"), Token);
        await Calls.AssertProblemAsync(missing, 404, "9");
    }

    [Fact]
    public async Task Versions_come_in_pages_by_number()
    {
        for (var i = 4; i <= 12; i++)
        {
            await registry.Http.RegisterAsync(_model, OnnxModels.Scale(i, -1));
        }

        (await registry.Http.PatchAsync($"{Path}/versions/10", Calls.Json("""{"tags": {"good": "yes"}}"""), Token)).Dispose();
        var seen = new List<int>();
        string? next = $"{Path}/versions?limit=5";
        while (next is not null)
        {
            using var page = await registry.Http.GetAsync(next, Token);
            seen.AddRange((await Calls.ReadAsync(page, HttpStatusCode.OK, ContractsJson.Default.IReadOnlyListModelVersion)).Select(version => version.Version));
            next = ModelTests.NextOf(page);
        }

        Assert.Equal(Enumerable.Range(1, 12), seen);
        var good = await registry.Http.GetAsync($"{Path}/versions?tag=good", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.Equal([10], good.Select(version => version.Version));
        using var strange = await registry.Http.GetAsync($"{Path}/versions?cursor=YQ", Token);
        await Calls.AssertProblemAsync(strange, 400, "cursor");
    }

    [Fact]
    public async Task An_alias_is_set_moved_resolved_and_taken_away()
    {
        using var created = await AliasAsync("champion", 1);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(1, (await ResolveAsync("champion")).Version);
        using var moved = await AliasAsync("champion", 2);
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        (await AliasAsync("best", 2)).Dispose();

        Assert.Equal(["best", "champion"], (await ResolveAsync("champion")).Aliases);
        Assert.Empty((await GetAsync(1)).Aliases);
        Assert.Equal(
            [new AliasView("best", 2), new AliasView("champion", 2)], await registry.Http.GetAsync($"{Path}/aliases", ContractsJson.Default.IReadOnlyListAliasView));
        var listed = await registry.Http.GetAsync($"{Path}/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.Equal(["", "best,champion", ""], listed.Select(version => string.Join(',', version.Aliases)));
        Assert.Equal(2, (await registry.Http.GetAsync(Path, ContractsJson.Default.ModelView)).Aliases["best"]);

        using var deleted = await registry.Http.DeleteAsync($"{Path}/aliases/champion", Token);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, $"{Path}/aliases/champion");
            using var gone = await registry.Http.SendAsync(request, Token);
            await Calls.AssertProblemAsync(gone, 404, "champion");
        }
    }

    [Theory]
    [InlineData("123", """{"version": 1}""", 400, "only digits")]
    [InlineData("a%20b", """{"version": 1}""", 400, "alias")]
    [InlineData("a", """{"version": 9}""", 422, "no version 9")]
    [InlineData("a", """{"version": 0}""", 422, "no version 0")]
    [InlineData("a", """{"version": "1"}""", 400, "version")]
    [InlineData("a", """{}""", 400, "version")]
    public async Task An_alias_that_cannot_be_is_refused(string alias, string body, int status, string word)
    {
        using var answer = await registry.Http.PutAsync($"{Path}/aliases/{alias}", Calls.Json(body), Token);
        await Calls.AssertProblemAsync(answer, status, word);
    }

    [Fact]
    public async Task A_version_is_deleted_with_its_aliases_and_its_number_is_not_used_again()
    {
        (await AliasAsync("champion", 3)).Dispose();
        (await AliasAsync("other", 1)).Dispose();
        using var deleted = await registry.Http.DeleteAsync($"{Path}/versions/3", Token);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);

        using var gone = await registry.Http.GetAsync($"{Path}/versions/3", Token);
        await Calls.AssertProblemAsync(gone, 404, "version 3");
        var view = await registry.Http.GetAsync(Path, ContractsJson.Default.ModelView);
        Assert.Equal(["other"], view.Aliases.Keys);
        Assert.Equal(4, (await registry.Http.RegisterAsync(_model, OnnxModels.Scale(9, -1))).Version);
    }

    [Fact]
    public async Task A_version_that_is_in_use_is_not_deleted_and_one_that_is_deleted_is_not_taken_into_use()
    {
        await registry.Http.ServeAsync(_model, 1);
        await registry.Http.ServeAsync(_model, 2);
        foreach (var (version, use) in new[] { (1, "previous"), (2, "stable") })
        {
            using var refused = await registry.Http.DeleteAsync($"{Path}/versions/{version}", Token);
            await Calls.AssertProblemAsync(refused, 409, $"version {version} is {use}");
        }

        (await registry.Http.DeleteAsync($"{Path}/versions/3", Token)).Dispose();
        using var unknown = await registry.Http.ServeAsync(_model, """{"stable": 3}""");
        await Calls.AssertProblemAsync(unknown, 422, "no version 3");
    }

    private Task<HttpResponseMessage> AliasAsync(string alias, int version) =>
        registry.Http.PutAsync($"{Path}/aliases/{alias}", Calls.Json($$"""{"version": {{version}}}"""), Token);

    private Task<ModelVersion> ResolveAsync(string alias) => registry.Http.GetAsync($"{Path}/aliases/{alias}", ContractsJson.Default.ModelVersion);

    private Task<ModelVersion> GetAsync(int version) => registry.Http.GetAsync($"{Path}/versions/{version}", ContractsJson.Default.ModelVersion);
}
