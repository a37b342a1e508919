using Sluice.Testing;

namespace Sluice.AppHost.Tests;

/// <summary>What the AppHost publishes: a Helm chart and the manifest, the same on every machine.</summary>
public sealed class PublishTests : IDisposable
{
    private readonly string _output = Path.Combine(Repository.Root, "artifacts", $"published-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_output))
        {
            Directory.Delete(_output, recursive: true);
        }
    }

    [Fact]
    public async Task The_manifest_in_the_repository_is_what_the_AppHost_publishes()
    {
        await PublishAsync("publish-manifest");

        // Two folders further down, so its paths go two folders up.
        var published = (await File.ReadAllTextAsync(Path.Combine(_output, "aspire-manifest.json"))).Replace("\"../../", "\"", StringComparison.Ordinal);
        Assert.True(
            published == await File.ReadAllTextAsync(Repository.PathOf("aspire-manifest.json")),
            $"Publish it anew, from the repository's root: dotnet run --project AppHost -- --operation publish --step publish-manifest --output-path \"$PWD\"\n{published}");
    }

    [Fact]
    public async Task The_chart_has_every_service_and_nothing_of_the_machine_or_the_user()
    {
        var secret = Guid.NewGuid().ToString("N");
        await PublishAsync("publish", ("Parameters__admin_token", secret), ("DOTNET_ENVIRONMENT", "Development"));
        var first = Files();
        await PublishAsync("publish", ("DataDirectory", "/elsewhere"));

        Assert.Equal(first, Files());
        foreach (var service in new[] { "registry", "gateway", "predictor", "predictor-canary", "canaryjudge" })
        {
            Assert.Contains(first.Keys, path => path.StartsWith($"templates/{service}/", StringComparison.Ordinal));
        }

        Assert.All(first.Values, text =>
        {
            Assert.DoesNotContain(Repository.Root, text, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("Development", text, StringComparison.Ordinal);
        });
        Assert.Equal(await File.ReadAllTextAsync(Repository.PathOf("AppHost", "Kubernetes", "chart", "values.yaml")), first["values.yaml"]);
    }

    [Fact]
    public async Task What_an_older_publication_left_in_the_templates_is_gone()
    {
        await PublishAsync("publish");
        var stale = Path.Combine(_output, "templates", "gateway", "stale.yaml");
        await File.WriteAllTextAsync(stale, "kind: Deployment");

        await PublishAsync("publish");

        Assert.False(File.Exists(stale));
    }

    [Fact]
    public async Task A_step_that_fails_ends_the_publication_with_its_reason_and_an_exit_code()
    {
        Directory.CreateDirectory(Path.Combine(_output, "values-gpu.yaml")); // where a file has to go

        var (exitCode, output) = await AppHostProgram.RunToEndAsync(["--operation", "publish", "--step", "publish", "--output-path", _output]);

        Assert.Equal(1, exitCode);
        Assert.Matches("complete-chart failed: .*values-gpu.yaml", output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publication_needs_no_free_port()
    {
        var port = FreePort.Take(1)[0];
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        listener.Start();

        await PublishAsync("publish-manifest", ("Ports__Dashboard", port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_step_that_does_not_exist_ends_with_a_message_and_an_exit_code()
    {
        var (exitCode, output) = await AppHostProgram.RunToEndAsync(["--operation", "publish", "--step", "deploy", "--output-path", _output]);

        Assert.Equal(1, exitCode);
        Assert.Contains("There is no step 'deploy'", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private async Task PublishAsync(string step, params (string Key, string? Value)[] settings)
    {
        var (exitCode, output) = await AppHostProgram.RunToEndAsync(["--operation", "publish", "--step", step, "--output-path", _output], settings);
        Assert.True(exitCode == 0, output);
    }

    private Dictionary<string, string> Files() => Directory.EnumerateFiles(_output, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(_output, file), File.ReadAllText);
}
