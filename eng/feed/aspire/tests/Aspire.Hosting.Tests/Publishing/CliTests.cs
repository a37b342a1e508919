using System.Globalization;
using Sluice.Testing;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>The real CLI on the sample AppHost: it accepts it, shows its steps and ends with its result.</summary>
public sealed class CliTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Publishing_by_the_CLI_gives_the_bytes_that_the_AppHosts_own_arguments_give()
    {
        SkipWhenShort();
        await using var byCli = Cli("publish", "-o", _folder.PathOf("cli"));
        Assert.True(await byCli.WaitForExitAsync(Limit) == 0, byCli.Output);
        await using var byItself = ChildProcess.Start(
            RunningSample.Program, ["--operation", "publish", "--step", "publish", "--output-path", _folder.PathOf("self")]);
        Assert.True(await byItself.WaitForExitAsync(Limit) == 0, byItself.Output);

        Assert.Contains("publish-k8s", byCli.Output, StringComparison.Ordinal);
        Assert.Equal(FilesBelow(_folder.PathOf("self")), FilesBelow(_folder.PathOf("cli")));
        Assert.Contains("values.yaml", FilesBelow(_folder.PathOf("cli")).Keys);
    }

    [Fact]
    public async Task A_manifest_is_written_by_the_CLI()
    {
        SkipWhenShort();
        await using var cli = Cli("do", "publish-manifest", "-o", _folder.Path);

        Assert.True(await cli.WaitForExitAsync(Limit) == 0, cli.Output);
        Assert.True(File.Exists(_folder.PathOf("aspire-manifest.json")), cli.Output);
    }

    [Fact]
    public async Task A_step_that_fails_is_shown_with_its_reason_and_the_CLI_fails_too()
    {
        SkipWhenShort();
        await using var cli = Cli("do", "no-such-step", "-o", _folder.Path);

        Assert.NotEqual(0, await cli.WaitForExitAsync(Limit));
        Assert.Contains("There is no step 'no-such-step'", cli.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_shows_where_the_dashboard_is_and_ends_with_the_CLI()
    {
        SkipWhenShort();
        var ports = FreePort.Take(4);
        await using var cli = ChildProcess.Start("setsid", [Program, .. Arguments("run")], new Dictionary<string, string?>
        {
            ["BACK_PORT"] = ports[0].ToString(CultureInfo.InvariantCulture),
            ["ASPNETCORE_URLS"] = $"http://localhost:{ports[1]}",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{ports[2]}",
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{ports[3]}",
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
        }, _folder.Path);
        await cli.WaitForOutputAsync($"http://localhost:{ports[1]}/login?t=", Limit);

        cli.PressCtrlC();

        Assert.Equal(0, await cli.WaitForExitAsync(TimeSpan.FromMinutes(1)));
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://localhost:{ports[1]}"), TestContext.Current.CancellationToken));
    }

    private static string Program => Repository.PathOf("eng", "feed", "aspire.sh");

    private static string[] Arguments(string command, params string[] arguments) =>
    [
        command, .. arguments, "--no-build", "--nologo", "--non-interactive",
        "--apphost", Repository.PathOf("eng", "feed", "aspire", "tests", "samples", "SampleAppHost", "SampleAppHost.csproj"),
    ];

    private static void SkipWhenShort() => Assert.SkipWhen(
        Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null, "the CLI unpacks 300 MB and asks MSBuild at every call: ./test.sh --long");

    private ChildProcess Cli(string command, params string[] arguments) => ChildProcess.Start(Program, Arguments(command, arguments), folder: _folder.Path);

    private static Dictionary<string, string> FilesBelow(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllText);
}
