using Sluice.Gateway.Tests.Neighbours;

namespace Sluice.Gateway.Tests;

/// <summary>Counts what the whole process allocates, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class MemoryTests
{
    private const long Large = 96 * 1024 * 1024;

    [Fact]
    public async Task A_large_body_passes_through_both_ways_without_being_held()
    {
        await using var stage = await Stage.SetWithWineAsync();
        stage.Predictor().Answer = async context =>
        {
            var counter = new CountingStream();
            await context.Request.Body.CopyToAsync(counter);
            await WriteAsync(context.Response.Body, counter.Bytes);
        };
        (await stage.Gateway.InferAsync("wine")).Dispose();

        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer") { Content = new PushContent(stream => WriteAsync(stream, Large)) };
        using var answer = await stage.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var counter = new CountingStream();
        await answer.Content.CopyToAsync(counter, TestContext.Current.CancellationToken);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(Large, counter.Bytes);
        Assert.InRange(allocated, 0, Large / 2); // caller, gateway and replica together
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_larger_than_any_inference_passes_to_the_Registry_without_being_held(bool tellsItsLength)
    {
        const long Upload = 256 * 1024 * 1024; // more than Gateway:MaxRequestBodyBytes
        await using var stage = await Stage.SetAsync();
        (await stage.Http.PostAsync("/api/models/wine/versions", new ByteArrayContent([1]), TestContext.Current.CancellationToken)).Dispose();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var content = new PushContent(stream => WriteAsync(stream, Upload));
        content.Headers.ContentLength = tellsItsLength ? Upload : null;

        using var answer = await stage.Http.PostAsync("/api/models/wine/versions", content, TestContext.Current.CancellationToken);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Upload, stage.Registry.Passed.Last().Bytes);
        Assert.InRange(allocated, 0, Upload / 2); // sender, gateway and Registry together
    }

    private static async Task WriteAsync(Stream stream, long bytes)
    {
        var chunk = new byte[64 * 1024];
        for (var written = 0L; written < bytes; written += chunk.Length)
        {
            await stream.WriteAsync(chunk);
        }
    }
}
