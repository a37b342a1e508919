using Sluice.Testing;

namespace Sluice.Images.Tests;

/// <summary>What eng/images.sh says to whoever calls it wrongly: before anything is built, with an exit code.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("unknown option --push", "--push", "somewhere")]
    [InlineData("say where to", "registry")]
    [InlineData("--archives needs a value", "--archives")]
    [InlineData("not both", "--archives", "x", "--registry", "127.0.0.1:5000")]
    [InlineData("there is no service router", "--archives", "x", "router")]
    [InlineData("--variant is tpu", "--archives", "x", "--variant", "tpu")]
    public async Task A_wrong_call_is_refused_with_the_reason(string reason, params string[] arguments)
    {
        var (exitCode, output) = await ImagesScript.RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("images: ", output, StringComparison.Ordinal);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Repository.PathOf("x")));
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var (exitCode, output) = await ImagesScript.RunAsync("--help");

        Assert.Equal(0, exitCode);
        var script = await File.ReadAllTextAsync(Repository.PathOf("eng", "images.sh"), TestContext.Current.CancellationToken);
        foreach (var option in new[] { "--registry", "--archives", "--tag", "--variant", "--base-image", "--gpu-base-image", "-p:" })
        {
            Assert.Contains(option, script, StringComparison.Ordinal);
            Assert.Contains(option, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_dotnet_it_says_what_is_missing()
    {
        using var programs = new TemporaryFolder();
        foreach (var program in new[] { "bash", "cat", "dirname", "env" })
        {
            File.CreateSymbolicLink(programs.PathOf(program), "/usr/bin/" + program);
        }

        var (exitCode, output) = await ImagesScript.RunAsync(
            new Dictionary<string, string?> { ["PATH"] = programs.Path }, "--archives", programs.PathOf("archives"));

        Assert.Equal(1, exitCode);
        Assert.Contains("no dotnet on the PATH", output, StringComparison.Ordinal);
    }
}
