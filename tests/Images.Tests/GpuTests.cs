using Sluice.Images.Tests.Images;
using Sluice.Images.Tests.Running;
using Sluice.Testing;

namespace Sluice.Images.Tests;

/// <summary>The predictor's variant for GPUs.</summary>
[Collection(nameof(SharedImages))]
public sealed class GpuTests(BuiltImages images)
{
    [Fact]
    public async Task Without_the_CUDA_provider_there_is_no_image_for_GPUs_and_the_reason_is_told()
    {
        Assert.SkipUnless(images.Problem is null, images.Problem ?? "");
        Assert.SkipWhen(HasProvider(), "the package at hand has the provider");
        var (exitCode, output) = await ImagesScript.RunAsync(
            new Dictionary<string, string?> { ["SLUICE_FEED_CUDA"] = "0" },
            "--registry", images.Registry.Host, "--variant", "gpu", "--gpu-base-image", images.Base, "-p:SelfContained=false", "-p:RepositoryUrl=" + BuiltImages.Source,
            "predictor");

        Assert.Equal(1, exitCode);
        Assert.Contains("has no libonnxruntime_providers_cuda.so", output, StringComparison.Ordinal);
        Assert.Contains("SLUICE_FEED_CUDA=1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_variant_for_GPUs_brings_its_NET_and_the_provider_and_the_other_does_not()
    {
        Assert.SkipUnless(images.Problem is null, images.Problem ?? "");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null, "ONNX Runtime's CUDA provider is a download of 180 MB: ./test.sh --long");
        using var folder = new TemporaryFolder();
        try
        {
            var (exitCode, output) = await ImagesScript.RunAsync(
                images.Registry,
                "--archives", folder.Path, "--tag", "3", "--variant", "both", "--base-image", images.Base, "--gpu-base-image", images.BaseWithoutDotnet,
                "-p:RepositoryUrl=" + BuiltImages.Source, "predictor");
            Assert.True(exitCode == 0, output);
        }
        finally
        {
            // What the other tests, and the next build, have.
            await using var feed = ChildProcess.Start(Repository.PathOf("eng", "feed", "build.sh"), []);
            Assert.Equal(0, await feed.WaitForExitAsync(TimeSpan.FromMinutes(5)));
        }

        var gpu = Image.FromArchive(folder.PathOf("sluice-predictor-3-gpu.tar.gz"));
        Assert.Equal(["/app/Predictor"], gpu.Texts("Entrypoint"));
        Assert.Equal("all", gpu.Environment["NVIDIA_VISIBLE_DEVICES"]); // the base's
        Assert.Equal("8080", gpu.Environment["ASPNETCORE_HTTP_PORTS"]);
        var files = gpu.OwnFiles();
        Assert.Contains("app/libonnxruntime_providers_cuda.so", files.Keys);
        Assert.Contains("app/libcoreclr.so", files.Keys);
        Assert.DoesNotContain(
            Image.FromArchive(folder.PathOf("sluice-predictor-3.tar.gz")).OwnFiles().Keys, path => path.Contains("providers", StringComparison.Ordinal));

        if (Container.FindProblem() is null)
        {
            await RunsAsync(gpu);
        }
    }

    // Without a GPU, the libraries of CUDA or a Registry, but it starts.
    private static async Task RunsAsync(Image image)
    {
        await using var predictor = new RunningService(
            image,
            ("Predictor__Pool", "stable"),
            ("Predictor__CacheDirectory", "/cache"),
            ("RegistryClient__StateFile", "/state/last-known-good.json"),
            ("RegistryClient__Address", $"http://127.0.0.1:{FreePort.Take(1)[0]}"));
        await predictor.Container.Process.WaitForOutputAsync("Application started", TimeSpan.FromSeconds(30));
    }

    private static bool HasProvider() => Directory.EnumerateFiles(
        Repository.PathOf(".nuget", "packages"), "libonnxruntime_providers_cuda.so", SearchOption.AllDirectories).Any();
}
