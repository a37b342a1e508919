using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Audit;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary><c>POST /api/apply</c>: what a document says comes to be, once.</summary>
public sealed class ApplyTests(SharedRegistry shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_document_comes_to_be_and_again_changes_nothing()
    {
        var (known, fresh) = (Calls.NewModel(), Calls.NewModel());
        await shared.Http.RegisterAsync(known, OnnxModels.Scale(1, -1));
        var second = await shared.Http.RegisterAsync(known, OnnxModels.Scale(2, -1));
        var document = $$"""
            # what serves
            models:
              {{known}}:
                description: "doubles"
                tags: {team: red, rows: 54}
                gates:
                  - {metric: accuracy, min: 0.9, maxDrop: 0.01}
                versions:
                  - version: 1
                    tags: {old: yes}
                aliases:
                  champion: {{second.Digest}}
                  first: 1
                stable: 2
              {{fresh}}:
            """;

        var would = await ApplyAsync(document, "?dryRun=true");
        Assert.True(would.DryRun);
        Assert.Empty((await GetAsync(known)).Tags);
        var did = await ApplyAsync(document);

        Assert.False(did.DryRun);
        Assert.Equal(would.Changes, did.Changes);
        Assert.Equal(
            ["model.describe", "gates.set", "version.describe", "alias.set", "alias.set", "serving.set", "model.create"],
            did.Changes.Select(change => change.Action));
        var view = await GetAsync(known);
        Assert.Equal(("doubles", "54", "red", 2, 1), (view.Description, view.Tags["rows"], view.Tags["team"], view.Aliases["champion"], view.Aliases["first"]));
        Assert.Equal([new Gate("accuracy", Min: 0.9, MaxDrop: 0.01)], view.Gates);
        Assert.Equal(2, view.Serving?.Stable);
        Assert.Equal("yes", (await shared.Http.GetAsync($"/api/models/{known}/versions/1", ContractsJson.Default.ModelVersion)).Tags["old"]);
        Assert.Empty((await ApplyAsync(document)).Changes);

        var (records, _) = await shared.Services.GetRequiredService<AuditLog>().ReadAsync(0, 100_000, Token);
        Assert.Equal(did.Changes.Take(6).Select(change => change.Action), records.Where(record => record.Model == known).Select(record => record.Action).Skip(2));
    }

    [Fact]
    public async Task What_a_document_does_not_name_stays_and_null_takes_away()
    {
        var model = Calls.NewModel();
        await shared.Http.RegisterAsync(model, OnnxModels.Scale(1, -1));
        await ApplyAsync($$$"""{"models": {"{{{model}}}": {"description": "x", "tags": {"a": "1", "b": "2"}, "aliases": {"one": 1, "two": 1}, "gates": [{"metric": "m", "min": 1}]} } }""", json: true);

        var result = await ApplyAsync($$$"""{"models": {"{{{model}}}": {"tags": {"a": null}, "aliases": {"one": null, "absent": null} } } }""", json: true);

        Assert.Equal(["model.describe", "alias.delete"], result.Changes.Select(change => change.Action));
        var view = await GetAsync(model);
        Assert.Equal("x", view.Description);
        Assert.Equal(["b"], view.Tags.Keys);
        Assert.Equal(["two"], view.Aliases.Keys);
        Assert.Single(view.Gates);
    }

    [Fact]
    public async Task Who_stays_on_a_version_is_set_with_the_stable_one_or_alone_and_again_changes_nothing()
    {
        var model = Calls.NewModel();
        await shared.Http.RegisterAsync(model, OnnxModels.Scale(1, -1));
        using var early = await shared.Http.PostAsync(ApiPaths.Apply, Calls.Json($$$"""{"models": {"{{{model}}}": {"stickiness": {"kind": "key"} } } }"""), Token);
        await Calls.AssertProblemAsync(early, 422, "stickiness", "stable");

        var both = $"models:\n  {model}:\n    stable: 1\n    stickiness: {{kind: header, name: x-user}}";
        var change = Assert.Single((await ApplyAsync(both)).Changes);
        Assert.Equal(("serving.set", "stable: version 1 (was none); stickiness: by header x-user (was none)"), (change.Action, change.Text));
        var state = await StateAsync();
        Assert.Equal((1, new Stickiness(StickinessKind.Header, "x-user"), 1L), (state.Stable, state.Stickiness, state.Generation));
        Assert.Empty((await ApplyAsync(both)).Changes);

        var alone = $"models:\n  {model}:\n    stickiness: {{kind: Key}}";
        Assert.Equal("stickiness: by key (was by header x-user)", Assert.Single((await ApplyAsync(alone, "?dryRun=true")).Changes).Text);
        Assert.Single((await ApplyAsync(alone)).Changes);
        Assert.Equal(new Stickiness(StickinessKind.Key), (await StateAsync()).Stickiness);
        Assert.Empty((await ApplyAsync($"models:\n  {model}:\n    stable: 1")).Changes); // what is not named stays

        var none = $"models:\n  {model}:\n    stickiness: {{kind: none}}";
        Assert.Single((await ApplyAsync(none)).Changes);
        Assert.Null((await StateAsync()).Stickiness);
        Assert.Empty((await ApplyAsync(none)).Changes);

        Task<ServingState> StateAsync() => shared.Http.GetAsync($"/api/models/{model}/serving", ContractsJson.Default.ServingState);
    }

    [Theory]
    [InlineData("models: 5", "line 1", "models")]
    [InlineData("models:\n  a b: {}", "line 2", "a b")]
    [InlineData("models:\n  m:\n    descripton: x", "line 3", "descripton", "description")]
    [InlineData("model:\n  m:", "line 2", "model", "models")]
    [InlineData("models:\n  m:\n    gates:\n      - {metric: a, minimum: 1}", "line 4", "minimum")]
    [InlineData("models:\n  m:\n    gates:\n      - {metric: a}", "line 4", "gates[0]", "at least one")]
    [InlineData("models:\n  m:\n    gates:\n      - {metric: a, min: high}", "line 4", "[0].min")]
    [InlineData("models:\n  m:\n    aliases: {'12': 1}", "line 3", "12", "digits")]
    [InlineData("models:\n  m:\n    stable: newest", "line 3", "m.stable", "number")]
    [InlineData("models:\n  m:\n    stable: -1", "line 3", "m.stable", "number")]
    [InlineData("models:\n  m:\n    stickiness: key", "line 3", "m.stickiness", "kind")]
    [InlineData("models:\n  m:\n    stickiness: {kind: user}", "line 3", "m.stickiness.kind", "header, cookie")]
    [InlineData("models:\n  m:\n    stickiness: {kind: 1}", "line 3", "m.stickiness.kind", "header, cookie")]
    [InlineData("models:\n  m:\n    stickiness: {kind: header}", "line 3", "m.stickiness", "the name of a header")]
    [InlineData("models:\n  m:\n    stickiness: {kind: cookie, name: 'a b'}", "line 3", "m.stickiness.name", "the name of a header")]
    [InlineData("models:\n  m:\n    stickiness: {kind: key, name: x}", "line 3", "m.stickiness.name", "only a header")]
    [InlineData("models:\n  m:\n    stickiness: {by: key}", "line 3", "m.stickiness.by", "kind, name")]
    [InlineData("models:\n  m:\n    versions:\n      - {version: 1, digest: x}", "line 4", "digest")]
    [InlineData("models:\n  m:\n    versions:\n      - {version: 1, labels: [a]}", "line 4", "labels", "cannot be changed")]
    [InlineData("models:\n  m:\n    versions:\n      - {storageUri: s3://b/k, metrics: {a: b}}", "line 4", "metrics.a")]
    [InlineData("models:\n  m:\n    tags: {a: [1]}", "line 3", "m.tags.a", "text")]
    [InlineData("models:\n  m: {}\n  m: {}", "line 3", "twice")]
    [InlineData("models:\n  m: *x", "aliases")]
    [InlineData("models:\n  m: &x {}", "anchors")]
    [InlineData("models:\n  m: !!str {}", "tags")]
    [InlineData("models:\n  m: {", "no YAML")]
    [InlineData("models: {\"m\": {\"description\": \"\\ud800\"}}", "line 1")]
    [InlineData("", "empty")]
    [InlineData("...\n\tmodels", "no YAML")]
    [InlineData("models: {}\n---\nmodels: {}", "several")]
    public async Task A_mistake_is_named_by_line_and_field(string document, params string[] words)
    {
        using var answer = await PostAsync(document);
        await Calls.AssertProblemAsync(answer, 400, words);
    }

    [Fact]
    public async Task Bombs_are_refused_quickly()
    {
        var lines = string.Join('\n', Enumerable.Range(1, 30).Select(n => $"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]"));
        foreach (var document in new[]
        {
            "x0: &x0 lol\n" + lines,
            "models: " + new string('[', 200_000),
            "models: " + string.Concat(Enumerable.Repeat("{a: ", 100_000)),
            "models: [" + string.Concat(Enumerable.Repeat("0,", 200_000)) + "]",
        })
        {
            using var answer = await PostAsync(document);
            await Calls.AssertProblemAsync(answer, 400, "line");
        }

        using var large = await PostAsync("models: {} #" + new string('x', 1 << 20));
        await Calls.AssertProblemAsync(large, 413, "1 MiB");
    }

    [Fact]
    public async Task What_cannot_be_is_refused_before_anything_is_changed()
    {
        var (model, other) = (Calls.NewModel(), Calls.NewModel());
        await shared.Http.RegisterAsync(model, OnnxModels.Scale(1, -1));
        foreach (var (wish, word) in new[]
        {
            ("stable: 9", "version 9"),
            ("aliases: {a: 9}", "version 9"),
            ($"versions: [sha256:{new string('0', 64)}]", "sha256:000"),
        })
        {
            using var answer = await PostAsync($"models:\n  {other}: {{}}\n  {model}:\n    description: changed\n    {wish}");
            await Calls.AssertProblemAsync(answer, 422, "line 5", model, word);
        }

        Assert.Null((await GetAsync(model)).Description);
        using var missing = await shared.Http.GetAsync($"/api/models/{other}", Token);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_version_is_registered_from_its_storage_uri_once()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root.PathOf("wine", "3"));
        await File.WriteAllBytesAsync(root.PathOf("wine", "3", "model.onnx"), OnnxModels.Classifier(), Token);
        await using var own = new RunningRegistry(settings: new() { ["Registry:Sources:FileRoots:0"] = root.Path });
        var uri = new Uri(root.PathOf("wine", "3")).AbsoluteUri;
        var document = $$"""
            models:
              wine:
                versions:
                  - storageUri: {{uri}}
                    labels: [0, yes, c]
                    metrics: {accuracy: 0.9}
                    tags: {rows: 54}
                aliases: {champion: {{uri}}}
                stable: {{uri}}
            """;

        var would = await ApplyAsync(document, "?dryRun=true", registry: own);
        Assert.Equal(["model.create", "version.register", "alias.set", "serving.set"], would.Changes.Select(change => change.Action));
        Assert.Contains(uri, would.Changes[3].Text, StringComparison.Ordinal);
        Assert.Empty(await own.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView));
        var did = await ApplyAsync(document, registry: own);
        Assert.Equal(would.Changes.Select(change => change.Action), did.Changes.Select(change => change.Action));
        Assert.Empty((await ApplyAsync(document, registry: own)).Changes);

        var version = await own.Http.GetAsync("/api/models/wine/aliases/champion", ContractsJson.Default.ModelVersion);
        Assert.Equal((1, uri, "54"), (version.Version, version.StorageUri, version.Tags["rows"]));
        Assert.Equal(["0", "yes", "c"], version.Labels);
        Assert.Equal(1, (await own.Http.GetAsync("/api/models/wine/serving", ContractsJson.Default.ServingState)).Stable);

        using var elsewhere = await own.Http.PostAsync(
            "/api/apply", Body("models:\n  other:\n    versions:\n      - file:///etc/passwd", json: false), Token);
        await Calls.AssertProblemAsync(elsewhere, 422, "line 4", "storageUri");
        using var wrong = await own.Http.PostAsync(
            "/api/apply", Body($"models:\n  other:\n    versions:\n      - {{storageUri: {uri}, digest: 'sha256:{new string('0', 64)}'}}", json: false), Token);
        var problem = await Calls.AssertProblemAsync(wrong, 422, "line 4", "digest", "1 change(s)");
        Assert.Equal(1, problem.GetProperty("changes").GetArrayLength());
    }

    [Fact]
    public async Task Only_documents_are_taken()
    {
        using var answer = await shared.Http.PostAsync("/api/apply", new StringContent("models: {}", Encoding.UTF8, "text/plain"), Token);
        await Calls.AssertProblemAsync(answer, 415, "application/yaml");
        using var dry = await shared.Http.PostAsync("/api/apply?dryRun=maybe", Body("models: {}", json: false), Token);
        await Calls.AssertProblemAsync(dry, 400, "dryRun", "maybe");
    }

    private async Task<ApplyResult> ApplyAsync(string document, string query = "", bool json = false, RunningRegistry? registry = null)
    {
        using var answer = await (registry ?? shared).Http.PostAsync("/api/apply" + query, Body(document, json), Token);
        return await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.ApplyResult);
    }

    private Task<HttpResponseMessage> PostAsync(string document) => shared.Http.PostAsync("/api/apply", Body(document, json: false), Token);

    private Task<ModelView> GetAsync(string model) => shared.Http.GetAsync($"/api/models/{model}", ContractsJson.Default.ModelView);

    private static StringContent Body(string document, bool json) => new(document, Encoding.UTF8, json ? "application/json" : "application/yaml");
}
