using Sluice.Testing;

namespace Sluice.Registry.Tests.Samples;

/// <summary>The committed samples are what their script makes.</summary>
public sealed class TrainingTests
{
    // Debian's, as samples/README.md says: another Python may have other versions of the same libraries.
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task The_script_makes_the_committed_samples_byte_by_byte()
    {
        Assert.SkipUnless(
            Directory.Exists("/usr/lib/python3/dist-packages/sklearn") && Directory.Exists("/usr/lib/python3/dist-packages/onnx"),
            "Debian's python3-sklearn and python3-onnx are needed");

        await using var script = ChildProcess.Start(Python, [Repository.PathOf("samples", "train.py"), "--check"]);

        Assert.True(await script.WaitForExitAsync(TimeSpan.FromMinutes(2)) == 0, script.Output);
        Assert.Contains("reproduced byte by byte", script.Output, StringComparison.Ordinal);
    }
}
