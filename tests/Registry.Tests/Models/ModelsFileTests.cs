using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary><c>Registry:ModelsFile</c>: a document that is applied when it changes, and only then.</summary>
public sealed class ModelsFileTests : IDisposable
{
    private static readonly TimeSpan OneLook = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Document => Path.Combine(_folder.Path, "models.yaml");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_it_says_comes_to_be_at_the_start_and_with_every_change()
    {
        Write("models: {wine: {description: first}}");
        await using var registry = Start();
        await DescribedAsync(registry, "first");

        Write("models: {wine: {description: second}}");
        await DescribedAsync(registry, "second");
    }

    [Fact]
    public async Task A_start_does_not_undo_what_was_done_since_it_was_applied()
    {
        Write("models: {wine: {description: from the file}}");
        await using (var registry = Start())
        {
            await DescribedAsync(registry, "from the file");
            using var changed = await registry.Http.PatchAsync("/api/models/wine", Calls.Json("""{"description": "by hand"}"""), Token);
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        }

        await using var again = Start();
        // The next change is applied after the look at the start is over, which changed nothing.
        Write("models: {other: }");
        await ThereIsAsync(again, "other");
        Assert.Equal("by hand", (await again.Http.GetAsync("/api/models/wine", ContractsJson.Default.ModelView)).Description);
    }

    [Fact]
    public async Task One_that_is_wrong_changes_nothing_and_one_that_is_not_there_is_waited_for()
    {
        await using var registry = Start();
        _time.Advance(OneLook);
        Write("models: {wine: {description: x}, other: {stable: 7}}");
        for (var look = 0; look < 3; look++)
        {
            _time.Advance(OneLook);
        }

        Write("models: {last: }");
        await ThereIsAsync(registry, "last");
        Assert.Equal(HttpStatusCode.NotFound, (await registry.Http.GetAsync("/api/models/wine", Token)).StatusCode);
    }

    private RunningRegistry Start() => new(Path.Combine(_folder.Path, "data"), new() { ["Registry:ModelsFile"] = Document }, _time);

    // At once, as a ConfigMap changes: a reader sees the old one or the new one.
    private void Write(string document)
    {
        File.WriteAllText(Document + ".new", document);
        File.Move(Document + ".new", Document, overwrite: true);
    }

    private Task DescribedAsync(RunningRegistry registry, string description) => EventuallyAsync(async () =>
    {
        using var answer = await registry.Http.GetAsync("/api/models/wine", Token);
        return answer.StatusCode == HttpStatusCode.OK && (await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.ModelView)).Description == description;
    });

    private Task ThereIsAsync(RunningRegistry registry, string model) => EventuallyAsync(async () =>
    {
        using var answer = await registry.Http.GetAsync($"/api/models/{model}", Token);
        return answer.StatusCode == HttpStatusCode.OK;
    });

    private Task EventuallyAsync(Func<Task<bool>> condition) => Eventually.BecomesTrueAsync(async () =>
    {
        _time.Advance(OneLook);
        return await condition();
    });
}
