using Sluice.Testing;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>Publishes an application in this process, as its own arguments ask for it.</summary>
internal sealed class PublishStage : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Where charts and manifests go: a sibling of the projects' folders.</summary>
    public string Output => Path.Combine(SampleProjects.Root, Path.GetFileName(_folder.Path));

    public Dictionary<string, string> Configuration { get; } = [];

    /// <summary>Publishes; answers the exit code that the process would have.</summary>
    public async Task<int> PublishAsync(Action<IDistributedApplicationBuilder> describe, string step = "publish", string? output = null)
    {
        var builder = DistributedApplication.CreateBuilder(
            ["--operation", "publish", "--step", step, "--output-path", output ?? Output, .. Configuration.Select(setting => $"--{setting.Key}={setting.Value}")]);
        describe(builder);
        var before = Environment.ExitCode;
        try
        {
            Environment.ExitCode = 0;
            await builder.Build().RunAsync(TestContext.Current.CancellationToken);
            return Environment.ExitCode;
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }

    public Task<string> ReadAsync(params string[] path) => File.ReadAllTextAsync(Path.Combine([Output, .. path]), TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _folder.Dispose();
        if (Directory.Exists(Output))
        {
            Directory.Delete(Output, recursive: true);
        }
    }
}

/// <summary>Two projects that are never built: of a project, a publication looks at its launch settings only.</summary>
internal static class SampleProjects
{
    private const string LaunchSettings = """
        {
          // Comments are allowed here.
          "profiles": {
            "container": { "commandName": "Docker" },
            "http": { "commandName": "Project", "applicationUrl": "http://localhost:5111", "environmentVariables": { "ASPNETCORE_ENVIRONMENT": "Development" } },
          }
        }
        """;

    public static string Root { get; } = Create();

    private static string Create()
    {
        var root = Path.Combine(AppContext.BaseDirectory, "published");
        foreach (var project in new[] { "Registry", "Gateway" })
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, project, "Properties")).FullName;
            File.WriteAllText(Path.Combine(folder, "launchSettings.json"), LaunchSettings);
        }

        return root;
    }

    internal sealed class Registry : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(Root, "Registry", "Registry.csproj");
    }

    internal sealed class Gateway : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(Root, "Gateway", "Gateway.csproj");
    }

    /// <summary>Without launch settings.</summary>
    internal sealed class Plain : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(Root, "Plain", "Plain.csproj");
    }
}
