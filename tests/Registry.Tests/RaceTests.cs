using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Store;
using Sluice.Registry.Tests.Store;
using Sluice.Testing;

namespace Sluice.Registry.Tests;

/// <summary>Somebody else writes between a request's reading and its writing. Not by luck: the store waits for him.</summary>
public sealed class RaceTests : IAsyncLifetime
{
    private Raced _registry = null!;

    private InterferingStore Store => (InterferingStore)_registry.Services.GetRequiredService<IStore>();

    public ValueTask InitializeAsync()
    {
        _registry = new Raced();
        return default;
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_upload_that_is_overtaken_gets_the_next_number(int before)
    {
        for (var i = 0; i < before; i++)
        {
            await _registry.Http.RegisterAsync("m", OnnxModels.Scale(i, -1));
        }

        Store.BeforeNextCommit(async () => Assert.Equal(before + 1, (await _registry.Http.RegisterAsync("m", OnnxModels.Scale(8, -1))).Version));

        var overtaken = await _registry.Http.RegisterAsync("m", OnnxModels.Scale(9, -1));

        Assert.Equal(before + 2, overtaken.Version);
        var versions = await _registry.Http.GetAsync("/api/models/m/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.Equal(Enumerable.Range(1, before + 2), versions.Select(version => version.Version));
        Assert.Equal(overtaken.Digest, versions[^1].Digest);
    }

    [Fact]
    public async Task A_command_that_named_a_generation_is_refused_when_it_is_overtaken()
    {
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(2, -1));
        Store.BeforeNextCommit(() => _registry.Http.ServeAsync("m", 2));

        using var overtaken = await _registry.Http.ServeAsync("m", """{"stable": 1, "generation": 0}""");

        await Calls.AssertProblemAsync(overtaken, 409, "at 1");
        Assert.Equal(2, (await StateAsync()).Stable);
    }

    [Fact]
    public async Task A_command_that_named_none_counts_on_from_whoever_overtook_it()
    {
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(2, -1));
        Store.BeforeNextCommit(() => _registry.Http.ServeAsync("m", 2));

        using var overtaken = await _registry.Http.ServeAsync("m", """{"stable": 1}""");

        Assert.Equal(HttpStatusCode.OK, overtaken.StatusCode);
        var state = await StateAsync();
        Assert.Equal((2, 1, 2), (state.Generation, state.Stable, state.Previous));
    }

    [Fact]
    public async Task A_version_that_is_taken_into_use_while_it_is_deleted_stays()
    {
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        foreach (var path in new[] { "/api/models/m/versions/1", "/api/models/m" })
        {
            if (path.EndsWith("/1", StringComparison.Ordinal))
            {
                Store.BeforeNextCommit(() => _registry.Http.ServeAsync("m", 1));
            }

            using var deleted = await _registry.Http.DeleteAsync(path, TestContext.Current.CancellationToken);
            await Calls.AssertProblemAsync(deleted, 409, "version 1 is stable");
        }

        Assert.Equal(1, (await StateAsync()).Stable);
    }

    [Fact]
    public async Task A_version_that_is_deleted_while_it_is_taken_into_use_does_not_serve()
    {
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        Store.BeforeNextCommit(() => DeleteAsync("/api/models/m/versions/1"));
        using var overtaken = await _registry.Http.ServeAsync("m", """{"stable": 1}""");
        await Calls.AssertProblemAsync(overtaken, 422, "no version 1");
        using var none = await _registry.Http.GetAsync("/api/models/m/serving", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task An_alias_never_names_a_version_that_was_deleted_meanwhile()
    {
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(2, -1));
        Store.BeforeNextCommit(() => DeleteAsync("/api/models/m/versions/1"));
        using var overtaken = await _registry.Http.PutAsync("/api/models/m/aliases/a", Calls.Json("""{"version": 1}"""), TestContext.Current.CancellationToken);
        await Calls.AssertProblemAsync(overtaken, 422, "no version 1");

        Store.BeforeNextCommit(async () =>
        {
            using var set = await _registry.Http.PutAsync("/api/models/m/aliases/a", Calls.Json("""{"version": 2}"""), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Created, set.StatusCode);
        });
        await DeleteAsync("/api/models/m/versions/2");
        Assert.Empty((await _registry.Http.GetAsync("/api/models/m", ContractsJson.Default.ModelView)).Aliases);
    }

    [Fact]
    public async Task An_upload_during_which_its_model_is_deleted_counts_on()
    {
        await _registry.Http.RegisterAsync("m", OnnxModels.Scale(1, -1));
        Store.BeforeNextCommit(() => DeleteAsync("/api/models/m"));

        var overtaken = await _registry.Http.RegisterAsync("m", OnnxModels.Scale(2, -1));

        Assert.Equal(2, overtaken.Version);
        var versions = await _registry.Http.GetAsync("/api/models/m/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.Equal([2], versions.Select(version => version.Version));
    }

    private async Task DeleteAsync(string path)
    {
        using var answer = await _registry.Http.DeleteAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private Task<ServingState> StateAsync() => _registry.Http.GetAsync("/api/models/m/serving", ContractsJson.Default.ServingState);

    private sealed class Raced() : RunningRegistry(null, null, null, store => new InterferingStore(store));
}
