using System.Globalization;
using Sluice.Testing;

namespace Sluice.Feed.Tests;

/// <summary>Runs that end early and runs that meet.</summary>
public sealed class InterruptionTests : IAsyncLifetime
{
    private const int SigKill = 9;
    private FakeSource _source = null!;
    private FakeRepository _repository = null!;
    private FakeNpm _npm = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await FakeSource.StartAsync();
        _repository = new FakeRepository(_source.IndexAddress);
        _npm = FakeNpm.With(_repository.PathOf("npm"), ("package/lib/a.txt", "from npm"));
        _repository.Layout = _repository.Layout with { Npm = _npm.Program };
        _repository.AddOrigin("thing", new { npm = "thing", version = "1.2.3", integrity = _npm.Integrity });
        _repository.AddPackage("From.Npm", files: [new { from = "thing", path = "lib/a.txt", to = "content/" }]);
    }

    public async ValueTask DisposeAsync()
    {
        _repository.Dispose();
        await _source.DisposeAsync();
    }

    [Theory]
    [InlineData(SigKill)]
    [InlineData(15)]
    [InlineData(2)]
    public async Task A_run_that_is_ended_in_the_middle_leaves_no_half_package_and_no_lock(int signal)
    {
        var npmId = _repository.PathOf("npm-id");
        using var good = new StringReader(File.ReadAllText(_npm.Program));
        _npm.Does($"echo $$ > '{npmId}'; while :; do mkdir -p \"$4/sub\"; date > \"$4/sub/$(date +%N)\"; done");
        await using var run = StartTool();
        await Eventually.BecomesTrueAsync(() => File.Exists(npmId) && File.ReadAllText(npmId).Length > 1);
        var npm = int.Parse(File.ReadAllText(npmId), CultureInfo.InvariantCulture);
        ChildProcess.Signal(run.Id, signal);
        var exitCode = await run.WaitForExitAsync(TimeSpan.FromSeconds(20));
        try
        {
            Assert.NotEqual(0, exitCode);
            Assert.Empty(_repository.Made);
            if (signal != SigKill)
            {
                await Eventually.BecomesTrueAsync(() => !Directory.Exists($"/proc/{npm}"));
            }

            // After SIGKILL npm lives on and writes; the next run goes its own way.
            File.WriteAllText(_npm.Program, await good.ReadToEndAsync(TestContext.Current.CancellationToken));
            await _repository.BuildAsync();
            Assert.Equal(["From.Npm.1.0.0.nupkg"], _repository.Made);
        }
        finally
        {
            ChildProcess.Signal(npm, SigKill);
        }
    }

    [Fact]
    public async Task Of_two_runs_at_once_one_makes_and_the_other_finds_it_made()
    {
        await Task.WhenAll(_repository.BuildAsync(), _repository.BuildAsync());
        Assert.Equal(1, _npm.Calls);
        Assert.Contains("0 lay ready, 1 were made", _repository.Output.ToString());
        Assert.Contains("1 lay ready, 0 were made", _repository.Output.ToString());
    }

    [Fact]
    public async Task What_a_killed_run_left_unfinished_is_not_in_the_way()
    {
        var old = Directory.CreateDirectory(Path.Combine(_repository.Layout.Works, "old")).FullName;
        File.WriteAllText(Path.Combine(old, "From.Npm.nupkg"), "half");
        await _repository.BuildAsync();
        await _repository.RestoreAsync("From.Npm");
        Assert.False(Directory.Exists(_repository.Layout.Works));
    }

    [Fact]
    public async Task A_failure_is_one_line_and_an_exit_code_that_is_not_zero()
    {
        _source.Fault = 500;
        await using var run = StartTool();
        Assert.Equal(1, await run.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.StartsWith("feed: error: the package source", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", run.Output);
    }

    private ChildProcess StartTool()
    {
        var path = $"{Path.GetDirectoryName(_npm.Program)}:{Environment.GetEnvironmentVariable("PATH")}";
        return ChildProcess.Start(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "feed.dll"), _repository.Layout.Root], new Dictionary<string, string?> { ["PATH"] = path });
    }
}
