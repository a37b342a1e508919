using System.Diagnostics;
using System.Net;
using Sluice.Contracts;
using Sluice.Registry.Tests.Onnx;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>A real process takes in 2 GiB.</summary>
public sealed class LargeUploadTests(ITestOutputHelper output)
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task An_upload_of_2_GiB_takes_at_most_100_MiB_more_memory()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null, "a long run, with 4 GiB of disk: ./test.sh --long");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using var data = new TemporaryFolder();
        await using var process = await RegistryProcess.StartAsync(data.Path);
        await process.Http.RegisterAsync("small", OnnxModels.OfSize(1_000_000));
        var before = process.PeakMemory;
        var start = Stopwatch.GetTimestamp();
        using var body = new HollowContent(OnnxModels.Scale(2, -1, 3), 2048 * MiB);
        using var http = new HttpClient { BaseAddress = process.Http.BaseAddress, Timeout = TimeSpan.FromMinutes(10) };

        using var answer = await http.UploadAsync("big", body);

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        var more = process.PeakMemory - before;
        output.WriteLine($"{version.Files[0].Size / MiB} MiB in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s; peak {before / MiB} MiB before, {more / MiB} MiB more");
        Assert.Contains(version.Warnings, warning => warning.Code == WarningCodes.LargeArtifact);
        Assert.InRange(more, 0, 100 * MiB);
    }
}
