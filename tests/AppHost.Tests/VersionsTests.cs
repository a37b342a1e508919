using System.Xml.Linq;
using Sluice.Testing;

namespace Sluice.AppHost.Tests;

/// <summary>docs/versions.md says of the packages what is built with.</summary>
public sealed class VersionsTests
{
    [Fact]
    public void Every_package_stands_there_with_the_version_that_is_built_with()
    {
        var lines = File.ReadAllLines(Repository.PathOf("docs", "versions.md"));
        var packages = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("ItemGroup")
            .Where(group => (string?)group.Attribute("Label") is "product" or "tests")
            .Elements("PackageVersion")
            .Select(package => (Id: (string)package.Attribute("Include")!, Version: (string)package.Attribute("Version")!))
            .ToList();

        Assert.True(packages.Count > 15);
        Assert.All(packages, package => Assert.Contains(
            lines, line => line.Contains(package.Id, StringComparison.Ordinal) && line.Contains(package.Version, StringComparison.Ordinal)));
    }
}
