using Sluice.Testing;

namespace Sluice.Feed.Tests;

public sealed class PackageListTests
{
    private const string Package = """{"id":"A","version":"1.0.0","description":"d","license":"MIT","files":[{"from":"o","path":"p","to":"t"}]}""";

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("null", "the file is empty")]
    [InlineData("""{"origins":{},"packages":[],"pakages":[]}""", "pakages")]
    [InlineData("""{"origins":{},"packages":[{"id":"A"}]}""", "version")]
    [InlineData($$"""{"origins":{},"packages":[{{Package}}]}""", "package A: there is no origin 'o'")]
    [InlineData("""{"origins":{"o":{}},"packages":[]}""", "origin 'o': exactly one of npm, setup, program, sdk is expected")]
    [InlineData("""{"origins":{"o":{"sdk":true,"npm":"x"}},"packages":[]}""", "exactly one of")]
    [InlineData("""{"origins":{"o":{"npm":"x","version":"1.0.0"}},"packages":[]}""", "pinned by version and integrity")]
    [InlineData("""{"origins":{"o":{"setup":"other"}},"packages":[]}""", "there is no origin 'other'")]
    [InlineData("""{"origins":{"o":{"program":"o"}},"packages":[]}""", "the path of the program is expected")]
    [InlineData("""{"origins":{},"packages":[{"id":"A","version":"1.0.0","description":"d","license":"MIT"}]}""", "package A: it has no files")]
    public void A_list_that_does_not_fit_together_is_refused_with_the_place(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("packages.json"), json);
        var failure = Assert.Throws<FeedException>(() => PackageList.Read(folder.PathOf("packages.json")));
        Assert.Contains("packages.json", failure.Message);
        Assert.Contains(expected, failure.Message);
    }

    [Fact]
    public void The_list_of_this_repository_is_read()
    {
        var list = PackageList.Read(new Layout(Repository.Root).List);
        Assert.Equal(list.Packages.Count, list.Packages.Select(recipe => recipe.Id.ToLowerInvariant()).Distinct().Count());
    }
}
