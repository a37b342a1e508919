using Sluice.Images.Tests.Images;

namespace Sluice.Images.Tests;

/// <summary>Images that are pushed to a registry.</summary>
[Collection(nameof(SharedImages))]
public sealed class PushTests(BuiltImages images)
{
    [Fact]
    public async Task What_is_pushed_is_what_an_archive_has_but_for_the_time()
    {
        var archived = images["canaryjudge"];
        var (exitCode, output) = await ImagesScript.RunAsync(
            images.Registry,
            "--registry", images.Registry.Host + "/team", "--tag", "2.0", "--base-image", images.Base, "-p:RepositoryUrl=" + BuiltImages.Source, "canaryjudge");

        Assert.True(exitCode == 0, output);
        var pushed = Image.FromRegistry(images.Registry.Blobs, "team/sluice/canaryjudge", "2.0");
        var manifest = images.Registry.Blobs.FindManifest("team/sluice/canaryjudge", "2.0")!;
        Assert.Contains($"{images.Registry.Host}/team/sluice/canaryjudge:2.0  ", output, StringComparison.Ordinal);
        Assert.EndsWith("  " + ImageBlobs.DigestOf(manifest.Json), output.TrimEnd(), StringComparison.Ordinal);

        // Two publications of one build. The SDK stamps layers with the time it writes them, so digests differ (docs/images.md); nothing else may.
        Assert.Equal(archived.Settings.GetRawText(), pushed.Settings.GetRawText());
        Assert.Equal(Digests(archived), Digests(pushed));
    }

    [Fact]
    public async Task What_the_SDK_refuses_is_told_with_the_reason_and_an_exit_code()
    {
        Assert.SkipUnless(images.Problem is null, images.Problem ?? "");
        var (exitCode, output) = await ImagesScript.RunAsync(
            images.Registry, "--registry", images.Registry.Host, "--base-image", images.Base, "--tag", "no+tag", "-p:RepositoryUrl=" + BuiltImages.Source, "canaryjudge");

        Assert.Equal(1, exitCode);
        Assert.Contains("no+tag", output, StringComparison.Ordinal);
        Assert.Contains("error CONTAINER", output, StringComparison.Ordinal);
        Assert.EndsWith("sluice/canaryjudge:no+tag was not made", output.TrimEnd(), StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Digests(Image image) => image.OwnFiles().ToDictionary(file => file.Key, file => ImageBlobs.DigestOf(file.Value.Content));
}
