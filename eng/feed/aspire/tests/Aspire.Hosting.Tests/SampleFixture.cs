using Aspire.Hosting.Dashboard.Wire;
using Sluice.Testing;

namespace Aspire.Hosting.Tests;

/// <summary>The tests that only look at the sample.</summary>
[CollectionDefinition(nameof(OneSample))]
public sealed class OneSample : ICollectionFixture<SampleFixture>;

/// <summary>One start of the sample for all of them.</summary>
public sealed class SampleFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _home = new();

    internal RunningSample Sample { get; private set; } = null!;

    internal Uri Front { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Sample = new RunningSample(_home.Path);
        Front = await Sample.WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Sample.DisposeAsync();
        _home.Dispose();
    }

    internal static bool AllRun(IReadOnlyCollection<Resource> resources) =>
        resources.Count(r => r.DisplayName is "back" or "front" && r.State == "Running" && r.Urls.All(url => !url.IsInactive) && HealthOf(r) == "Healthy") == 3;

    internal static string? PropertyOf(Resource resource, string name) =>
        resource.Properties.SingleOrDefault(property => property.Name == name)?.Value.ToString().Trim('"');

    private static string? HealthOf(Resource resource) => PropertyOf(resource, "resource.healthState");
}
