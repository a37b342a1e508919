using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Audit;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>Models: created, described, found, deleted.</summary>
public sealed class ModelTests(SharedRegistry registry)
{
    private static readonly byte[] Onnx = OnnxModels.Scale(2, -1, 3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_created_once_and_described_again()
    {
        var model = Calls.NewModel();
        using var created = await PutAsync(model, """{"description": "wines", "tags": {"team": "red", "data": "uci"}}""");
        var view = await Calls.ReadAsync(created, HttpStatusCode.Created, ContractsJson.Default.ModelView);
        Assert.Equal((model, 0, "wines"), (view.Name, view.HighestVersion, view.Description));
        Assert.Equal($"/api/models/{model}", created.Headers.Location?.OriginalString);

        using var again = await PutAsync(model, """{"description": "wines", "tags": {"team": "red"}}""");
        Assert.Equivalent(view, await Calls.ReadAsync(again, HttpStatusCode.OK, ContractsJson.Default.ModelView), strict: true);

        using var patched = await PatchAsync($"/api/models/{model}", """{"tags": {"team": null, "stage": "new"}}""");
        view = await Calls.ReadAsync(patched, HttpStatusCode.OK, ContractsJson.Default.ModelView);
        Assert.Equal([("data", "uci"), ("stage", "new")], view.Tags.Select(tag => (tag.Key, tag.Value)));
        Assert.Equal("wines", view.Description);

        using var cleared = await PatchAsync($"/api/models/{model}", """{"description": null, "tags": null}""");
        view = await Calls.ReadAsync(cleared, HttpStatusCode.OK, ContractsJson.Default.ModelView);
        Assert.Null(view.Description);
        Assert.Empty(view.Tags);
    }

    [Fact]
    public async Task Every_change_has_its_audit_entry_and_what_changes_nothing_has_none()
    {
        var model = Calls.NewModel();
        (await PutAsync(model, """{"description": "x"}""")).Dispose();
        (await PutAsync(model, """{"description": "x"}""")).Dispose();
        await registry.Http.RegisterAsync(model, Onnx);
        (await PatchAsync($"/api/models/{model}/versions/1", """{"tags": {"a": "b"}}""")).Dispose();
        (await PutAsync($"{model}/aliases/champion", """{"version": 1}""")).Dispose();
        (await PutAsync($"{model}/aliases/champion", """{"version": 1}""")).Dispose();
        (await PutAsync($"{model}/gates", """[{"metric": "accuracy", "min": 0.9}]""")).Dispose();
        (await registry.Http.DeleteAsync($"/api/models/{model}/aliases/champion", Token)).Dispose();
        (await registry.Http.DeleteAsync($"/api/models/{model}/versions/1", Token)).Dispose();
        (await registry.Http.DeleteAsync($"/api/models/{model}", Token)).Dispose();

        var (records, _) = await registry.Services.GetRequiredService<AuditLog>().ReadAsync(0, 100_000, Token);

        Assert.Equal(
            ["model.create", "version.register", "version.describe", "alias.set", "gates.set", "alias.delete", "version.delete", "model.delete"],
            records.Where(record => record.Model == model).Select(record => record.Action));
    }

    [Theory]
    [InlineData("""[]""", "object")]
    [InlineData("""{"description": 5}""", "description")]
    [InlineData("""{"tags": "x"}""", "tags")]
    [InlineData("""{"tags": {"a": 1}}""", "tags.a")]
    [InlineData("""{"tags": {"": "x"}}""", "tags", "250")]
    [InlineData("""{"name": "other"}""", "name", "description")]
    [InlineData("""{"description": "\ud800"}""", "Unicode")]
    [InlineData("""{"\ud800": "x"}""", "Unicode")]
    [InlineData("""{""", "line 1")]
    public async Task A_description_that_is_not_of_its_form_is_refused(string body, params string[] words)
    {
        var model = Calls.NewModel();
        using var put = await PutAsync(model, body);
        await Calls.AssertProblemAsync(put, 400, words);
        await registry.Http.RegisterAsync(model, Onnx);
        using var patch = await PatchAsync($"/api/models/{model}", body);
        await Calls.AssertProblemAsync(patch, 400, words);
        using var version = await PatchAsync($"/api/models/{model}/versions/1", body);
        await Calls.AssertProblemAsync(version, 400, words);
    }

    [Fact]
    public async Task Too_much_about_a_model_is_refused()
    {
        var model = Calls.NewModel();
        var tags = Enumerable.Range(0, 50).ToDictionary(n => $"k{n}", _ => new string('x', 8000));
        using var answer = await PutAsync(model, JsonSerializer.Serialize(new { tags }));

        await Calls.AssertProblemAsync(answer, 422, "bytes", "tags");
        using var missing = await registry.Http.GetAsync($"/api/models/{model}", Token);
        await Calls.AssertProblemAsync(missing, 404, model);
    }

    [Fact]
    public async Task A_list_comes_in_pages_that_neither_repeat_nor_lose_a_model_when_others_come_and_go()
    {
        var stem = Calls.NewModel();
        foreach (var n in new[] { 5, 1, 4, 2, 3 })
        {
            (await PutAsync($"{stem}-{n}", "{}")).Dispose();
        }

        using var first = await registry.Http.GetAsync($"/api/models?name={stem}&limit=2", Token);
        Assert.Equal([$"{stem}-1", $"{stem}-2"], await NamesAsync(first));
        (await PutAsync($"{stem}-0", "{}")).Dispose();
        (await registry.Http.DeleteAsync($"/api/models/{stem}-2", Token)).Dispose();

        using var second = await registry.Http.GetAsync(NextOf(first)!, Token);
        Assert.Equal([$"{stem}-3", $"{stem}-4"], await NamesAsync(second));
        using var third = await registry.Http.GetAsync(NextOf(second)!, Token);
        Assert.Equal([$"{stem}-5"], await NamesAsync(third));
        Assert.Null(NextOf(third));
    }

    [Fact]
    public async Task Models_are_found_by_name_tag_and_alias()
    {
        var stem = Calls.NewModel();
        (await PutAsync($"{stem}-Red", """{"tags": {"team": "red=1", "old": ""}}""")).Dispose();
        (await PutAsync($"{stem}-blue", """{"tags": {"team": "blue"}}""")).Dispose();
        await registry.Http.RegisterAsync($"{stem}-blue", Onnx);
        (await PutAsync($"{stem}-blue/aliases/champion", """{"version": 1}""")).Dispose();

        Assert.Equal([$"{stem}-Red", $"{stem}-blue"], await FindAsync(""));
        Assert.Equal([$"{stem}-Red"], await FindAsync("&tag=team%3Dred%3D1"));
        Assert.Equal([$"{stem}-Red"], await FindAsync("&tag=team&tag=old"));
        Assert.Equal([$"{stem}-Red", $"{stem}-blue"], await FindAsync("&tag=team"));
        Assert.Equal([$"{stem}-blue"], await FindAsync("&alias=champion"));
        Assert.Empty(await FindAsync("&alias=champion&tag=old"));
        Assert.Equal([$"{stem}-Red"], await NamesAsync(await registry.Http.GetAsync($"/api/models?name={stem.ToUpperInvariant()}-RED", Token)));

        async Task<string[]> FindAsync(string more) => await NamesAsync(await registry.Http.GetAsync($"/api/models?name={stem}{more}", Token));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit", "1000")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("cursor=!!", "cursor")]
    [InlineData("name=a&name=b", "name")]
    public async Task A_query_that_is_not_of_its_form_is_refused(string query, params string[] words)
    {
        using var answer = await registry.Http.GetAsync($"/api/models?{query}", Token);
        await Calls.AssertProblemAsync(answer, 400, words);
    }

    [Fact]
    public async Task A_model_is_deleted_with_its_versions_and_never_uses_a_number_again()
    {
        var model = Calls.NewModel();
        await registry.Http.RegisterAsync(model, Onnx);
        await registry.Http.RegisterAsync(model, Onnx);

        using var deleted = await registry.Http.DeleteAsync($"/api/models/{model}", Token);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        foreach (var path in new[] { $"/api/models/{model}", $"/api/models/{model}/versions", $"/api/models/{model}/versions/1" })
        {
            using var gone = await registry.Http.GetAsync(path, Token);
            await Calls.AssertProblemAsync(gone, 404, model);
        }

        using var twice = await registry.Http.DeleteAsync($"/api/models/{model}", Token);
        await Calls.AssertProblemAsync(twice, 404, model);

        Assert.Equal(3, (await registry.Http.RegisterAsync(model, Onnx)).Version);
        (await registry.Http.DeleteAsync($"/api/models/{model}", Token)).Dispose();
        (await PutAsync(model, "{}")).Dispose();
        Assert.Equal(4, (await registry.Http.RegisterAsync(model, Onnx)).Version);
    }

    [Fact]
    public async Task A_model_that_serves_is_not_deleted_and_the_answer_says_which_versions()
    {
        var model = Calls.NewModel();
        await registry.Http.RegisterAsync(model, Onnx);
        await registry.Http.RegisterAsync(model, Onnx);
        await registry.Http.ServeAsync(model, 1);
        await registry.Http.ServeAsync(model, 2);

        using var refused = await registry.Http.DeleteAsync($"/api/models/{model}", Token);

        await Calls.AssertProblemAsync(refused, 409, "version 2 is stable", "version 1 is previous");
        Assert.Equal(2, (await registry.Http.GetAsync($"/api/models/{model}", ContractsJson.Default.ModelView)).HighestVersion);
    }

    [Theory]
    [InlineData("""[{"metric": "a"}]""", "gates[0]", "at least one")]
    [InlineData("""[{"metric": "", "min": 1}]""", "gates[0].metric")]
    [InlineData("""[{"min": 1}]""", "metric")]
    [InlineData("""[{"metric": "a", "min": "x"}]""", "min")]
    [InlineData("""[{"metric": "a", "maxDrop": -0.1}]""", "gates[0].maxDrop")]
    [InlineData("""[{"metric": "a", "min": 1, "max": 0}]""", "gates[0].max")]
    [InlineData("""[{"metric": "a", "min": 1}, {"metric": "a", "max": 1}]""", "gates[1].metric")]
    [InlineData("""[{"metric": "a", "min": 1, "minimum": 1}]""", "minimum")]
    [InlineData("""[null]""", "gates[0]")]
    [InlineData("""[{"metric": "a", "min": 1e999}]""", "gates[0].min")]
    public async Task A_gate_that_cannot_be_meant_is_refused(string gates, params string[] words)
    {
        var model = Calls.NewModel();
        (await PutAsync(model, "{}")).Dispose();
        using var answer = await PutAsync($"{model}/gates", gates);
        await Calls.AssertProblemAsync(answer, 400, words);
    }

    [Fact]
    public async Task Gates_are_kept_with_the_model()
    {
        var model = Calls.NewModel();
        (await PutAsync(model, "{}")).Dispose();
        Gate[] gates = [new("accuracy", Min: 0.9, MaxDrop: 0.01), new("loss", Max: 0.5, HigherIsBetter: false)];
        using var put = await PutAsync($"{model}/gates", """[{"metric": "accuracy", "min": 0.9, "maxDrop": 0.01}, {"metric": "loss", "max": 0.5, "higherIsBetter": false}]""");

        Assert.Equal(gates, await Calls.ReadAsync(put, HttpStatusCode.OK, ContractsJson.Default.IReadOnlyListGate));
        Assert.Equal(gates, await registry.Http.GetAsync($"/api/models/{model}/gates", ContractsJson.Default.IReadOnlyListGate));
        Assert.Equal(gates, (await registry.Http.GetAsync($"/api/models/{model}", ContractsJson.Default.ModelView)).Gates);
    }

    internal static string? NextOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;

    private static async Task<string[]> NamesAsync(HttpResponseMessage answer) =>
        [.. (await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.IReadOnlyListModelView)).Select(model => model.Name)];

    private Task<HttpResponseMessage> PutAsync(string path, string body) => registry.Http.PutAsync($"/api/models/{path}", Calls.Json(body), Token);

    private Task<HttpResponseMessage> PatchAsync(string path, string body) =>
        registry.Http.PatchAsync(path, new StringContent(body, Encoding.UTF8, "application/merge-patch+json"), Token);
}
