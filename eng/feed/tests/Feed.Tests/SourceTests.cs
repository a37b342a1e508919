using Sluice.Testing;

namespace Sluice.Feed.Tests;

/// <summary>What counts as an answer of a source, and what does not.</summary>
public sealed class SourceTests : IAsyncLifetime
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

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task A_source_that_fails_is_an_error_and_nothing_is_made(int status)
    {
        _source.Fault = status;
        var failure = await _repository.FailAsync();
        Assert.Contains($"it answers {status}", failure.Message);
        Assert.Contains(_source.IndexAddress, failure.Message);
        Assert.Empty(_repository.Made);
    }

    [Fact]
    public async Task A_source_that_nobody_answers_for_is_an_error_and_nothing_is_made()
    {
        _repository.Configure([$"http://127.0.0.1:{FreePort.Take(1)[0]}/v3/index.json"]);
        var failure = await _repository.FailAsync();
        Assert.IsType<SourceUnreachableException>(failure);
        Assert.Empty(_repository.Made);
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"resources":[{"@id":"http://127.0.0.1/","@type":"Search/1.0"}]}""")]
    [InlineData("""{"resources":[{},1]}""")]
    [InlineData("""{"resources":[{"@type":"PackageBaseAddress/3.0.0"}]}""")]
    public async Task A_garbled_service_index_is_an_error_and_nothing_is_made(string index)
    {
        _source.Index = index;
        var failure = await _repository.FailAsync();
        Assert.Contains(_source.IndexAddress, failure.Message);
        Assert.Empty(_repository.Made);
    }

    [Fact]
    public async Task A_failing_source_is_a_warning_when_nothing_is_needed_of_it()
    {
        await _repository.BuildAsync();
        _source.Fault = 500;
        await _repository.BuildAsync();
        Assert.Contains("warning", _repository.Output.ToString());
        Assert.Single(_repository.Made);

        _repository.WriteFile("content/a.txt", "changed, so that it would have to be made");
        await _repository.FailAsync();
    }

    [Fact]
    public async Task A_fault_that_passes_is_waited_for()
    {
        _source.Fault = 503;
        var build = _repository.BuildAsync();
        await Eventually.BecomesTrueAsync(() => _source.Requests > 0);
        _source.Fault = null;
        await build;
        Assert.Single(_repository.Made);
    }

    [Fact]
    public async Task One_of_several_sources_that_has_the_package_is_enough()
    {
        await using var other = await FakeSource.StartAsync();
        _repository.Configure([_source.IndexAddress, other.IndexAddress]);
        other.Has("Absent.One", "1.0.0");
        await _repository.BuildAsync();
        Assert.Empty(_repository.Made);
    }

    [Fact]
    public async Task A_disabled_source_is_not_asked()
    {
        _repository.Configure([_source.IndexAddress, "http://127.0.0.1:1/v3/index.json"], disabled: """<add key="source1" value="true" />""");
        await _repository.BuildAsync();
        Assert.Single(_repository.Made);
    }

    [Fact]
    public async Task Without_any_source_nobody_can_say_what_is_missing()
    {
        _repository.Configure([]);
        var failure = await _repository.FailAsync();
        Assert.Contains("no NuGet source is configured", failure.Message);
    }

    [Fact]
    public async Task The_password_of_the_configuration_is_used()
    {
        _source.Has("Absent.One", "1.0.0");
        _source.Password = "someone:secret";
        await _repository.FailAsync();

        _repository.Configure([_source.IndexAddress], """
            <packageSourceCredentials><source0><add key="Username" value="someone" /><add key="ClearTextPassword" value="secret" /></source0></packageSourceCredentials>
            """);
        await _repository.BuildAsync();
        Assert.Empty(_repository.Made);
    }

    [Fact]
    public async Task A_source_that_is_configured_as_version_3_needs_no_json_in_its_address()
    {
        File.WriteAllText(_repository.PathOf("nuget.config"), File.ReadAllText(_repository.PathOf("nuget.config"))
            .Replace(_source.IndexAddress + "\"", _source.Root + "/named\" protocolVersion=\"3\"", StringComparison.Ordinal));
        _source.Has("Absent.One", "1.0.0");
        await _repository.BuildAsync();
        Assert.Empty(_repository.Made);
    }

    [Fact]
    public async Task A_source_of_the_older_protocol_is_asked_in_its_own_way()
    {
        _repository.Configure([_source.Root + "/v2"]);
        _repository.AddPackage("Present.One");
        _source.Has("Present.One", "1.0.0");
        await _repository.BuildAsync();
        Assert.Equal(["Absent.One.1.0.0.nupkg"], _repository.Made);
    }

    [Theory]
    [InlineData("Present.One.1.0.0.nupkg")]
    [InlineData("present.one/1.0.0/present.one.1.0.0.nupkg")]
    public async Task A_folder_is_a_source_too(string package)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(package))!);
        File.WriteAllText(folder.PathOf(package), "");
        _repository.Configure([folder.Path]);
        _repository.AddPackage("Present.One");
        await _repository.BuildAsync();
        Assert.Equal(["Absent.One.1.0.0.nupkg"], _repository.Made);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_an_error()
    {
        _repository.Configure([_repository.PathOf("nowhere")]);
        var failure = await _repository.FailAsync();
        Assert.Contains("there is no such folder", failure.Message);
    }
}
