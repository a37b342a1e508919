using System.IO.Compression;

namespace Sluice.Feed.Tests;

/// <summary>What is made, what is left alone, and what is taken away again.</summary>
public sealed class MakingTests : IAsyncLifetime
{
    private FakeSource _source = null!;
    private FakeRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await FakeSource.StartAsync();
        _repository = new FakeRepository(_source.IndexAddress);
        _repository.AddPackage("Absent.One");
    }

    public async ValueTask DisposeAsync()
    {
        _repository.Dispose();
        await _source.DisposeAsync();
    }

    [Fact]
    public async Task A_package_that_the_source_lacks_is_made_so_that_NuGet_restores_it()
    {
        await _repository.BuildAsync();
        await _repository.RestoreAsync("Absent.One");

        Assert.Equal(["Absent.One.1.0.0.nupkg"], _repository.Made);
        Assert.Equal("first", File.ReadAllText(Path.Combine(_repository.Copy("Absent.One"), "content", "a.txt")));
        Assert.Contains("made Absent.One 1.0.0: made for a test of Absent.One", _repository.Output.ToString());
    }

    [Fact]
    public async Task Another_version_at_the_source_is_not_the_package()
    {
        _source.Has("Absent.One", "0.9.0", "1.0.1");
        await _repository.BuildAsync();
        Assert.Equal(["Absent.One.1.0.0.nupkg"], _repository.Made);
    }

    [Fact]
    public async Task A_source_that_has_everything_leaves_nothing_to_make()
    {
        _source.Has("Absent.One", "0.9.0", "1.0.0");
        await _repository.BuildAsync();
        Assert.Empty(_repository.Made);
        Assert.False(Directory.Exists(_repository.Layout.Downloads));
    }

    [Fact]
    public async Task Once_made_a_package_is_left_as_it_is()
    {
        await _repository.BuildAsync();
        var written = File.GetLastWriteTimeUtc(PackageFile);
        await _repository.BuildAsync();

        Assert.Equal(written, File.GetLastWriteTimeUtc(PackageFile));
        Assert.Contains("1 lay ready, 0 were made", _repository.Output.ToString());
    }

    [Fact]
    public async Task A_made_package_goes_with_its_unpacked_copy_when_the_source_has_the_published_one()
    {
        await _repository.BuildAsync();
        await _repository.RestoreAsync("Absent.One");
        _source.Has("Absent.One", "1.0.0");
        await _repository.BuildAsync();

        Assert.Empty(_repository.Made);
        Assert.False(Directory.Exists(_repository.Copy("Absent.One")));
        Assert.Contains("removed the made Absent.One 1.0.0", _repository.Output.ToString());
    }

    [Fact]
    public async Task The_unpacked_copy_of_a_published_package_is_never_touched()
    {
        _source.Has("Absent.One", "1.0.0");
        Directory.CreateDirectory(_repository.Copy("Absent.One"));
        var published = Path.Combine(_repository.Copy("Absent.One"), "published.txt");
        File.WriteAllText(published, "the real one");

        await _repository.BuildAsync();
        Assert.True(File.Exists(published));
        _source.Lacks("Absent.One");
        await _repository.BuildAsync();
        Assert.True(File.Exists(published));
    }

    [Fact]
    public async Task A_changed_file_of_ours_makes_the_package_anew_and_takes_the_old_copy_away()
    {
        await _repository.BuildAsync();
        await _repository.RestoreAsync("Absent.One");
        _repository.WriteFile("content/a.txt", "second");
        await _repository.BuildAsync();

        Assert.False(Directory.Exists(_repository.Copy("Absent.One")));
        await _repository.RestoreAsync("Absent.One");
        Assert.Equal("second", File.ReadAllText(Path.Combine(_repository.Copy("Absent.One"), "content", "a.txt")));
    }

    [Fact]
    public async Task A_changed_recipe_makes_the_package_anew()
    {
        await _repository.BuildAsync();
        _repository.ChangePackage("Absent.One", "description", "said differently");
        await _repository.BuildAsync();

        using var zip = ZipFile.OpenRead(PackageFile);
        using var nuspec = new StreamReader(zip.GetEntry("Absent.One.nuspec")!.Open());
        Assert.Contains("said differently", await nuspec.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_package_that_left_the_list_goes()
    {
        _repository.AddPackage("Absent.Two", "2.0.0-preview.1");
        await _repository.BuildAsync();
        _repository.RemovePackage("Absent.One");
        await _repository.BuildAsync();
        Assert.Equal(["Absent.Two.2.0.0-preview.1.nupkg"], _repository.Made);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task A_package_that_is_not_whole_is_made_anew(int length)
    {
        await _repository.BuildAsync();
        using (var file = File.OpenWrite(PackageFile))
        {
            file.SetLength(length);
        }

        await _repository.BuildAsync();
        await _repository.RestoreAsync("Absent.One");
    }

    [Fact]
    public async Task A_package_of_the_SDKs_own_library_holds_that_library()
    {
        _repository.AddOrigin("sdk", new { sdk = true });
        _repository.AddPackage("From.Sdk", files: [new { from = "sdk", path = "NuGet.Common.dll", to = "lib/net10.0/" }]);
        await _repository.BuildAsync();
        await _repository.RestoreAsync("From.Sdk");
        Assert.True(File.Exists(Path.Combine(_repository.Copy("From.Sdk"), "lib", "net10.0", "NuGet.Common.dll")));
    }

    [Fact]
    public async Task A_package_of_our_own_project_is_packed_with_the_sources_it_is_given()
    {
        _repository.WriteFile("content/Answer.cs", "public static class Answer { public const int Value = 42; }");
        _repository.WriteFile("project/Own.Project.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><Compile Include="$(FeedSources)**/*.cs" /></ItemGroup>
            </Project>
            """);
        _repository.AddPackage("Own.Project", "3.1.4", project: "project/Own.Project.csproj");
        await _repository.BuildAsync();
        await _repository.RestoreAsync("Own.Project", "3.1.4");
        Assert.True(File.Exists(Path.Combine(_repository.Copy("Own.Project", "3.1.4"), "lib", "net10.0", "Own.Project.dll")));
    }

    [Fact]
    public void A_package_of_our_own_project_is_made_anew_when_a_project_that_it_references_changes()
    {
        _repository.WriteFile("part/Part.csproj", "<Project />");
        _repository.WriteFile("project/Own.Project.csproj", """<Project><ItemGroup><ProjectReference Include="../part/Part.csproj" /></ItemGroup></Project>""");
        _repository.AddPackage("Own.Project", project: "project/Own.Project.csproj");
        var before = Fingerprint("Own.Project");

        Assert.Equal(before, Fingerprint("Own.Project"));
        _repository.WriteFile("part/Part.cs", "// another member");
        Assert.NotEqual(before, Fingerprint("Own.Project"));
    }

    [Fact]
    public async Task A_project_that_makes_another_package_is_an_error()
    {
        _repository.WriteFile("project/Other.Name.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        _repository.AddPackage("Own.Project", "3.1.4", project: "project/Other.Name.csproj", files: []);
        var failure = await _repository.FailAsync();
        Assert.Contains("makes no package Own.Project 3.1.4", failure.Message);
    }

    [Fact]
    public async Task A_stand_in_is_not_mixed_with_published_packages_of_its_family()
    {
        _repository.AddPackage("Family.One", together: "the family");
        _repository.AddPackage("Family.Two", together: "the family");
        _source.Has("Family.One", "1.0.0");

        var failure = await _repository.FailAsync();
        Assert.Contains("lack Family.Two 1.0.0 but have others of the family", failure.Message);
        Assert.Empty(_repository.Made);
    }

    private string Fingerprint(string id)
    {
        var list = PackageList.Read(_repository.Layout.List);
        return new Fingerprints(list, _repository.Layout).Of(list.Packages.Single(recipe => recipe.Id == id));
    }

    private string PackageFile => Path.Combine(_repository.Layout.Packages, "Absent.One.1.0.0.nupkg");
}
