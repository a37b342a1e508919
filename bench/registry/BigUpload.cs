using System.Diagnostics;
using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.RegistryBench;

/// <summary>A version of gigabytes: what it takes beyond the memory that the Registry had before.</summary>
internal static class BigUpload
{
    private const double MostMemory = 100; // MiB beyond what it had

    public static async Task RunAsync(BenchRegistry registry, long bytes, Report report)
    {
        // One small upload first: what the code itself needs is not the upload's.
        await UploadAsync(registry.Http, "warm", 1 << 20);
        var before = registry.Memory;
        var most = before;
        using var done = new CancellationTokenSource();
        var looking = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                most = Math.Max(most, registry.Memory);
                await Task.Delay(50, CancellationToken.None);
            }
        });

        var watch = Stopwatch.StartNew();
        await UploadAsync(registry.Http, "big", bytes);
        await done.CancelAsync();
        await looking;
        report.Row($"upload of {bytes >> 20} MiB", (bytes >> 20) / watch.Elapsed.TotalSeconds, "MiB/s");
        report.Row($"memory beyond what it had ({before:0} MiB)", most - before, "MiB", MostMemory);
    }

    private static async Task UploadAsync(HttpClient http, string model, long bytes)
    {
        var graph = new OnnxGraph()
            .Input("x", Datatype.Fp32, bytes / sizeof(float))
            .Output("y", Datatype.Fp32, bytes / sizeof(float))
            .ExternalConstant("weights", Datatype.Fp32, [bytes / sizeof(float)], "weights.bin")
            .Node("Add", ["x", "weights"], ["y"]);
        using var parts = new MultipartFormDataContent
        {
            { new ByteArrayContent(graph.ToModel()), "files", "model.onnx" },
            { new Generated(bytes), "files", "weights.bin" },
        };
        using var answer = await http.PostAsync(ApiPaths.ForModel(model) + "/versions", parts);
        if (answer.StatusCode != HttpStatusCode.Created)
        {
            throw new InvalidOperationException($"The upload was answered with {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>Bytes that no disk can leave out, made as they are sent.</summary>
    private sealed class Generated(long bytes) : HttpContent
    {
        protected override bool TryComputeLength(out long length)
        {
            length = bytes;
            return true;
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[1 << 20];
            new Random(1).NextBytes(block);
            for (var left = bytes; left > 0; left -= block.Length)
            {
                BitConverter.TryWriteBytes(block, left);
                await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, left)));
            }
        }
    }
}
