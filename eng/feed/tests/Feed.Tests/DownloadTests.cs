namespace Sluice.Feed.Tests;

/// <summary>What comes from npm: the pinned file or nothing.</summary>
public sealed class DownloadTests : IAsyncLifetime
{
    private static readonly object[] Wanted = [new { from = "thing", path = "lib/", to = "content/" }];
    private FakeSource _source = null!;
    private FakeRepository _repository = null!;
    private FakeNpm _npm = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await FakeSource.StartAsync();
        _repository = new FakeRepository(_source.IndexAddress);
        _npm = FakeNpm.With(_repository.PathOf("npm"), ("package/lib/a.txt", "from npm"), ("package/unwanted.txt", "no"));
        _repository.Layout = _repository.Layout with { Npm = _npm.Program };
        _repository.AddOrigin("thing", new { npm = "thing", version = "1.2.3", integrity = _npm.Integrity });
        _repository.AddPackage("From.Npm", files: Wanted);
    }

    public async ValueTask DisposeAsync()
    {
        _repository.Dispose();
        await _source.DisposeAsync();
    }

    [Fact]
    public async Task A_download_is_fetched_once_and_kept()
    {
        await _repository.BuildAsync();
        await _repository.RestoreAsync("From.Npm");
        Assert.Equal("from npm", File.ReadAllText(Path.Combine(_repository.Copy("From.Npm"), "content", "a.txt")));

        _repository.ChangePackage("From.Npm", "description", "made a second time");
        await _repository.BuildAsync();
        Assert.Equal(1, _npm.Calls);
    }

    [Fact]
    public async Task Nothing_is_fetched_when_the_source_has_the_package()
    {
        _source.Has("From.Npm", "1.0.0");
        await _repository.BuildAsync();
        Assert.Equal(0, _npm.Calls);
    }

    [Fact]
    public async Task A_file_that_is_not_the_pinned_one_is_refused()
    {
        _repository.AddOrigin("thing", new { npm = "thing", version = "1.2.3", integrity = "sha512-" + Convert.ToBase64String(new byte[64]) });
        var failure = await _repository.FailAsync();
        Assert.Contains("npm package thing 1.2.3 is not the one that was pinned", failure.Message);
        Assert.Empty(_repository.Made);
        Assert.Empty(Directory.EnumerateFiles(_repository.Layout.Downloads));
    }

    [Fact]
    public async Task A_kept_download_that_was_damaged_is_fetched_again()
    {
        Directory.CreateDirectory(_repository.Layout.Downloads);
        File.WriteAllText(Path.Combine(_repository.Layout.Downloads, "thing-1.2.3.tgz"), "half of it");
        await _repository.BuildAsync();
        Assert.Equal(1, _npm.Calls);
        Assert.Single(_repository.Made);
    }

    [Fact]
    public async Task A_missing_npm_is_named_together_with_what_it_is_needed_for()
    {
        _repository.Layout = _repository.Layout with { Npm = "no-such-npm" };
        var failure = await _repository.FailAsync();
        Assert.Contains("'no-such-npm' cannot be run", failure.Message);
        Assert.Contains("fetch the npm package thing 1.2.3", failure.Message);
    }

    [Fact]
    public async Task What_a_failing_npm_says_is_passed_on()
    {
        _npm.Does("echo 'no such version' >&2; exit 3");
        var failure = await _repository.FailAsync();
        Assert.Contains("exit code 3", failure.Message);
        Assert.Contains("no such version", failure.Message);
    }

    [Fact]
    public async Task A_path_that_leads_out_of_the_folder_is_refused()
    {
        var npm = FakeNpm.With(_repository.PathOf("npm2"), ("package/lib/../../../../outside.txt", "escaped"));
        _repository.Layout = _repository.Layout with { Npm = npm.Program };
        _repository.AddOrigin("thing", new { npm = "thing", version = "1.2.3", integrity = npm.Integrity });
        var failure = await _repository.FailAsync();
        Assert.Contains("leads out of the folder", failure.Message);
    }

    [Fact]
    public async Task A_file_that_the_download_does_not_hold_is_named()
    {
        _repository.AddPackage("From.Npm.Too", files: [new { from = "thing", path = "lib/absent.dll", to = "lib/" }]);
        var failure = await _repository.FailAsync();
        Assert.Contains("thing holds no file lib/absent.dll", failure.Message);
    }

    [Fact]
    public async Task What_is_of_use_on_another_platform_only_is_an_error_here()
    {
        _repository.AddOrigin("thing", new { npm = "thing", version = "1.2.3", integrity = _npm.Integrity, platform = "win-arm64" });
        var failure = await _repository.FailAsync();
        Assert.Contains("on win-arm64 only", failure.Message);
        Assert.Equal(0, _npm.Calls);
    }
}
