using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.Images.Tests;

/// <summary>What is in the images.</summary>
[Collection(nameof(SharedImages))]
public sealed partial class ArchiveTests(BuiltImages images)
{
    public static TheoryData<string, string> Services => new()
    {
        { "registry", "Registry" },
        { "gateway", "Gateway" },
        { "predictor", "Predictor" },
        { "canaryjudge", "CanaryJudge" },
    };

    [Theory]
    [MemberData(nameof(Services))]
    public void Starts_the_service_as_a_user_that_is_not_root(string service, string project)
    {
        var image = images[service];

        Assert.Equal(["dotnet", $"/app/{project}.dll"], image.Texts("Entrypoint"));
        Assert.Empty(image.Texts("Cmd"));
        Assert.Equal("1654", image.Settings.GetProperty("User").GetString());
        Assert.Equal("/app/", image.Settings.GetProperty("WorkingDir").GetString());
        Assert.Equal(["8080/tcp"], image.Settings.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name));
        Assert.Equal("8080", image.Environment["ASPNETCORE_HTTP_PORTS"]);
        Assert.Equal("/usr/bin", image.Environment["PATH"]); // the base's
        Assert.Equal(("amd64", "linux"), (image.Configuration.GetProperty("architecture").GetString(), image.Configuration.GetProperty("os").GetString()));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Labels_tell_what_it_is_and_what_it_was_made_from(string service, string project)
    {
        var labels = images[service].Labels;

        Assert.Equal($"Sluice {project}", labels["org.opencontainers.image.title"]);
        Assert.EndsWith(".", labels["org.opencontainers.image.description"], StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+\.\d+", labels["org.opencontainers.image.version"]);
        Assert.Equal(BuiltImages.Source, labels["org.opencontainers.image.source"]);
        Assert.Equal(await GitAsync("rev-parse", "HEAD"), labels["org.opencontainers.image.revision"]);
        var committed = DateTimeOffset.FromUnixTimeSeconds(long.Parse(await GitAsync("log", "-1", "--format=%ct"), CultureInfo.InvariantCulture));
        Assert.Equal(committed, DateTimeOffset.Parse(labels["org.opencontainers.image.created"], CultureInfo.InvariantCulture));
        Assert.DoesNotContain("org.opencontainers.image.authors", labels.Keys);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Has_the_service_and_what_it_needs_and_nothing_else(string service, string project)
    {
        var files = images[service].OwnFiles();

        Assert.Contains($"app/{project}.dll", files.Keys);
        Assert.Contains("app/Contracts.dll", files.Keys);
        Assert.Contains("app/appsettings.json", files.Keys);
        Assert.All(files.Keys, path => Assert.Matches(WhatBelongs(), path));
        Assert.DoesNotContain(files.Keys, path => path.Contains("xunit", StringComparison.OrdinalIgnoreCase) || path.Contains("Testing", StringComparison.Ordinal));

        // The SDK gives the files to the image's user; no other may change them, and he may not where the root file system is read-only.
        Assert.All(files.Values, file => Assert.Equal((1654, default), (file.Owner, file.Mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite))));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Tells_nothing_of_the_machine_that_built_it(string service, string project)
    {
        var image = images[service];
        var files = image.OwnFiles();
        Assert.All(
            files.Where(file => file.Key.EndsWith(".pdb", StringComparison.Ordinal)).SelectMany(file => file.Value.ReadSourcePaths()),
            path => Assert.StartsWith("/_/", path, StringComparison.Ordinal));
        Assert.Contains($"/_/{project}/Program.cs", files[$"app/{project}.pdb"].ReadSourcePaths());
        Assert.True(files[$"app/{project}.dll"].Holds("/_/artifacts/")); // what is looked for next can be found

        Assert.All(files, file => Assert.False(file.Value.Holds(Repository.Root), $"{file.Key} holds {Repository.Root}"));
        Assert.DoesNotContain(Repository.Root, image.Configuration.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_predictor_has_the_runtime_and_on_the_CPU_no_providers_of_other_devices()
    {
        var files = images["predictor"].OwnFiles();

        Assert.Contains("app/libonnxruntime.so", files.Keys);
        Assert.DoesNotContain(files.Keys, path => path.Contains("providers", StringComparison.Ordinal));
    }

    [Fact]
    public void The_script_says_name_size_and_digest_of_each()
    {
        Assert.Null(images.Problem);
        foreach (var service in Services)
        {
            var line = images.Output.Split('\n').Single(line => line.StartsWith(images.PathOf(service.Data.Item1), StringComparison.Ordinal));
            var size = double.Parse(Assert.Single(Size().Matches(line)).Groups[1].Value, CultureInfo.InvariantCulture) * 1e6;
            Assert.InRange(size, 0.9 * new FileInfo(images.PathOf(service.Data.Item1)).Length, 1.1 * new FileInfo(images.PathOf(service.Data.Item1)).Length);
        }
    }

    private static async Task<string> GitAsync(params string[] arguments)
    {
        await using var git = ChildProcess.Start("git", arguments);
        Assert.Equal(0, await git.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        return git.Output.Trim();
    }

    [GeneratedRegex(@"^app/([A-Za-z0-9._]+\.(dll|pdb|deps\.json|runtimeconfig\.json|staticwebassets\.endpoints\.json)|appsettings\.json|lib[a-z_0-9]+\.so|[A-Z][A-Za-z]+)$")]
    private static partial Regex WhatBelongs();

    [GeneratedRegex(@"  ([0-9.]+) MB  sha256:[0-9a-f]{64}$")]
    private static partial Regex Size();
}
