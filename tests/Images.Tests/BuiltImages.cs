using Sluice.Images.Tests.Images;
using Sluice.Testing;

namespace Sluice.Images.Tests;

/// <summary>The archives of all four services, made once by eng/images.sh on a base image of the tests.</summary>
public sealed class BuiltImages : IAsyncLifetime
{
    /// <summary>The tag they are made with.</summary>
    public const string Tag = "1.2.3-test";

    /// <summary>Where the sources are said to be. The compiler writes it into every assembly, so each build of the tests says the same.</summary>
    public const string Source = "https://example.org/sluice";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Image> _images = [];
    private ContainerRegistry? _registry;

    /// <summary>Where the base image is, and where a test may push to.</summary>
    internal ContainerRegistry Registry => _registry!;

    /// <summary>The base image with .NET.</summary>
    internal string Base => $"{Registry.Host}/{BaseImage.Dotnet}";

    /// <summary>The base image without.</summary>
    internal string BaseWithoutDotnet => $"{Registry.Host}/{BaseImage.Libraries}";

    /// <summary>What the script said.</summary>
    internal string Output { get; private set; } = "";

    /// <summary>Why there are none here; null when there are.</summary>
    internal string? Problem { get; private set; }

    /// <summary>A service's image.</summary>
    internal Image this[string service]
    {
        get
        {
            Assert.SkipUnless(Problem is null, Problem ?? "");
            return _images.TryGetValue(service, out var image) ? image : _images[service] = Image.FromArchive(PathOf(service));
        }
    }

    /// <summary>Its archive.</summary>
    internal string PathOf(string service) => _folder.PathOf($"sluice-{service}-{Tag}.tar.gz");

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        Problem = BaseImage.FindProblem();
        if (Problem is not null)
        {
            return;
        }

        _registry = await ContainerRegistry.StartAsync();
        BaseImage.AddTo(Registry.Blobs);
        var (exitCode, output) = await ImagesScript.RunAsync(
            Registry, "--archives", _folder.Path, "--tag", Tag, "--base-image", Base, "-p:RepositoryUrl=" + Source);
        Assert.True(exitCode == 0, output);
        Output = output;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }

        _folder.Dispose();
    }
}

/// <summary>The tests of the images; one after the other, since builds would only wait for each other.</summary>
[CollectionDefinition(nameof(SharedImages))]
public sealed class SharedImages : ICollectionFixture<BuiltImages>;
