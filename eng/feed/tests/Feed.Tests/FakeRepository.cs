using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Testing;

namespace Sluice.Feed.Tests;

/// <summary>A repository of its own in a temporary folder: a nuget.config, a list of packages and files to make them from.</summary>
internal sealed class FakeRepository : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly JsonObject _origins = [];
    private readonly JsonArray _packages = [];

    public FakeRepository(params string[] sources)
    {
        Layout = new Layout(_folder.Path);
        Directory.CreateDirectory(Layout.Packages);
        Configure(sources);
        WriteFile("content/a.txt", "first");
        Save();
    }

    public Layout Layout { get; set; }

    public StringWriter Output { get; } = new();

    /// <summary>Whether the machine is one with an NVIDIA device.</summary>
    public bool Cuda { get; set; }

    /// <summary>The files of packages that lie there, unfinished ones included.</summary>
    public string[] Made => [.. Directory.EnumerateFiles(Layout.Packages).Select(file => Path.GetFileName(file)!).Where(name => name != ".lock").Order()];

    /// <summary>Writes the nuget.config; what the machine has configured counts for nothing in it.</summary>
    public void Configure(string[] sources, string more = "", string disabled = "") => File.WriteAllText(_folder.PathOf("nuget.config"), $"""
        <configuration>
          <config><add key="globalPackagesFolder" value=".nuget/packages" /></config>
          <packageSources>
            <clear />
            <add key="ours" value="eng/feed/packages" />
            {string.Concat(sources.Select((source, i) => $"<add key=\"source{i}\" value=\"{source}\" allowInsecureConnections=\"true\" />"))}
          </packageSources>
          <disabledPackageSources><clear />{disabled}</disabledPackageSources>
          {more}
        </configuration>
        """);

    public string PathOf(params string[] parts) => _folder.PathOf(parts);

    /// <summary>Writes a file of <c>eng/feed</c>.</summary>
    public void WriteFile(string path, string content)
    {
        var full = Path.Combine(Layout.Feed, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    public void AddOrigin(string name, object origin)
    {
        _origins[name] = JsonSerializer.SerializeToNode(origin);
        Save();
    }

    /// <summary>Lists a package; without files, it is made from <c>content/</c>.</summary>
    public void AddPackage(string id, string version = "1.0.0", object[]? files = null, string? together = null, string? project = null)
    {
        _packages.Add(JsonSerializer.SerializeToNode(new
        {
            id,
            version,
            description = $"made for a test of {id}",
            license = "MIT",
            together,
            project,
            files = files ?? [new { path = "content/", to = "content/" }],
        }));
        Save();
    }

    public void ChangePackage(string id, string property, string value)
    {
        _packages.Single(package => (string?)package!["id"] == id)![property] = value;
        Save();
    }

    public void RemovePackage(string id)
    {
        _packages.Remove(_packages.Single(package => (string?)package!["id"] == id));
        Save();
    }

    public Task BuildAsync(CancellationToken? cancellationToken = null) =>
        new FeedBuild(Layout, Output, Cuda).RunAsync(cancellationToken ?? TestContext.Current.CancellationToken);

    public Task<FeedException> FailAsync() => Assert.ThrowsAnyAsync<FeedException>(() => BuildAsync());

    /// <summary>Where NuGet unpacks a package.</summary>
    public string Copy(string id, string version = "1.0.0") => _folder.PathOf(".nuget", "packages", id.ToLowerInvariant(), version);

    /// <summary>Lets NuGet itself restore a project that references the package.</summary>
    public async Task RestoreAsync(string id, string version = "1.0.0")
    {
        File.WriteAllText(_folder.PathOf("user.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
              <ItemGroup><PackageReference Include="{id}" Version="{version}" /></ItemGroup>
            </Project>
            """);
        var environment = new Dictionary<string, string?> { ["NUGET_PACKAGES"] = null };
        await using var restore = ChildProcess.Start("dotnet", ["restore", "-nodeReuse:false"], environment, _folder.Path);
        Assert.True(await restore.WaitForExitAsync(TimeSpan.FromMinutes(1)) == 0, restore.Output);
    }

    public void Dispose() => _folder.Dispose();

    private void Save()
    {
        Directory.CreateDirectory(Layout.Feed);
        File.WriteAllText(Layout.List, new JsonObject { ["origins"] = _origins.DeepClone(), ["packages"] = _packages.DeepClone() }.ToJsonString());
    }
}
