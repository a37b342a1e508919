using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests;

/// <summary>The Registry's process is killed while it works.</summary>
public sealed class KillTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_kill_9_every_acknowledged_version_is_there_with_its_blob_and_nothing_half_is()
    {
        using var data = new TemporaryFolder();
        var acknowledged = new ConcurrentBag<ModelVersion>();
        for (var round = 0; round < 2; round++)
        {
            await using var registry = await RegistryProcess.StartAsync(data.Path);
            var before = acknowledged.Count;
            var uploads = Enumerable.Range(0, 3).Select(n => UploadUntilCutAsync(registry.Http, $"m{n}", round, acknowledged)).ToArray();
            await Eventually.BecomesTrueAsync(() => acknowledged.Count >= before + 15, TimeSpan.FromSeconds(60));
            await registry.KillAsync();
            await Task.WhenAll(uploads);
        }

        await using var survivor = await RegistryProcess.StartAsync(data.Path);
        foreach (var version in acknowledged)
        {
            Assert.Equivalent(version, await survivor.Http.GetAsync(ApiPaths.ForVersion(version.Model, version.Version), ContractsJson.Default.ModelVersion));
            var content = await survivor.Http.GetByteArrayAsync(ApiPaths.ForBlob(version.Files[0].Digest), Token);
            Assert.Equal(version.Files[0].Digest, VersionDigest.FromHash(SHA256.HashData(content)));
        }

        foreach (var model in await survivor.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView))
        {
            var versions = await survivor.Http.GetAsync($"/api/models/{model.Name}/versions", ContractsJson.Default.IReadOnlyListModelVersion);
            Assert.Equal(Enumerable.Range(1, model.HighestVersion), versions.Select(version => version.Version));
        }

        Assert.Empty(Calls.FilesIn(Path.Combine(data.Path, "blobs", "staging")));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_watchers()
    {
        using var data = new TemporaryFolder();
        await using var registry = await RegistryProcess.StartAsync(data.Path);
        using var watch = await registry.Http.GetAsync(ApiPaths.Watch, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var events = await watch.Content.ReadAsStreamAsync(Token);
        Assert.NotEqual(0, await events.ReadAsync(new byte[1000], Token));

        Assert.Equal(0, await registry.TerminateAsync(within: TimeSpan.FromSeconds(5)));
    }

    private static async Task UploadUntilCutAsync(HttpClient http, string model, int round, ConcurrentBag<ModelVersion> acknowledged)
    {
        try
        {
            for (var seed = round * 10_000; ; seed++)
            {
                using var answer = await http.UploadAsync(model, Calls.Raw(OnnxModels.OfSize(20_000, seed)));
                acknowledged.Add((await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ContractsJson.Default.ModelVersion, Token))!);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // Killed.
        }
    }
}
