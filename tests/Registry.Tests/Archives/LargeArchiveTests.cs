using System.Diagnostics;
using System.Net;
using Sluice.Contracts;
using Sluice.Registry.Tests.Onnx;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Archives;

/// <summary>A real process sends out and takes in a model of 2 GiB.</summary>
public sealed class LargeArchiveTests(ITestOutputHelper output)
{
    private const long MiB = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_and_import_of_2_GiB_take_at_most_100_MiB_more_memory()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null, "a long run, with 6 GiB of disk: ./test.sh --long");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using var data = new TemporaryFolder();
        await using var process = await RegistryProcess.StartAsync(data.Path);
        using var http = new HttpClient { BaseAddress = process.Http.BaseAddress, Timeout = TimeSpan.FromMinutes(10) };
        using var body = new HollowContent(OnnxModels.Scale(2, -1, 3), 2048 * MiB);
        using var upload = await http.UploadAsync("big", body);
        Assert.Equal(HttpStatusCode.Created, upload.StatusCode);
        await process.Http.RegisterAsync("small", OnnxModels.OfSize(1_000_000));
        await process.Http.GetByteArrayAsync("/api/models/small/export", Token);
        var before = process.PeakMemory;
        var start = Stopwatch.GetTimestamp();

        await using var archive = await http.GetStreamAsync("/api/models/big/export", Token);
        using var content = new StreamContent(archive);
        using var answer = await http.PostAsync($"{ApiPaths.Import}?as=again", content, Token);

        var imported = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ImportedModel);
        var more = process.PeakMemory - before;
        output.WriteLine($"{imported.Bytes / MiB} MiB out and in again in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s; peak {before / MiB} MiB before, {more / MiB} MiB more");
        Assert.InRange(more, 0, 100 * MiB);
    }
}
