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

    private Task<ServingState> StateAsync() => _registry.Http.GetAsync("/api/models/m/serving", ContractsJson.Default.ServingState);

    private sealed class Raced() : RunningRegistry(null, null, null, store => new InterferingStore(store));
}
