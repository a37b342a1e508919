using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Audit;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>One digest names a version wherever it is told of.</summary>
public sealed class DigestTests(SharedRegistry registry)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_place_of_the_registry_tells_the_digest_that_coreutils_compute()
    {
        var model = Calls.NewModel();
        var (onnx, weights) = OnnxModels.ExternalData("w.bin", 1, 2, 3);
        using var answer = await registry.Http.UploadAsync(model, Calls.Parts(null, ("model.onnx", onnx), ("w.bin", weights)));
        var registered = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        (await registry.Http.PutAsync($"/api/models/{model}/aliases/a", Calls.Json("""{"version": 1}"""), Token)).Dispose();

        // sha256sum model.onnx w.bin | sha256sum
        var listing = $"{Hex(onnx)}  model.onnx\n{Hex(weights)}  w.bin\n";
        var digest = "sha256:" + Hex(Encoding.UTF8.GetBytes(listing));

        Assert.Equal(digest, registered.Digest);
        Assert.Equal(digest, (await registry.Http.GetAsync($"/api/models/{model}/versions/1", ContractsJson.Default.ModelVersion)).Digest);
        Assert.Equal(digest, (await registry.Http.GetAsync($"/api/models/{model}/aliases/a", ContractsJson.Default.ModelVersion)).Digest);
        Assert.Equal(
            digest, Assert.Single(await registry.Http.GetAsync($"/api/models/{model}/versions", ContractsJson.Default.IReadOnlyListModelVersion)).Digest);
        var (records, _) = await registry.Services.GetRequiredService<AuditLog>().ReadAsync(0, 100_000, Token);
        Assert.Equal(digest, records.Single(record => record.Model == model && record.Action == "version.register").Details?.GetProperty("digest").GetString());
        var state = ClusterState.Empty;
        await foreach (var told in registry.Client.WatchAsync(0, null, Token))
        {
            state = told is null ? state : state.Apply(told);
            if (state.FindVersion(model, 1) is not null)
            {
                break;
            }
        }

        Assert.Equal(digest, state.FindVersion(model, 1)!.Digest);
    }

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
