using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Testing;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>What an AppHost answers the CLI that started it to publish.</summary>
public sealed class BackchannelTests : IAsyncLifetime
{
    private readonly PublishStage _stage = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FakeCli _cli = new();

    public ValueTask InitializeAsync()
    {
        _stage.Configuration["ASPIRE_BACKCHANNEL_PATH"] = _folder.PathOf("s");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _cli.DisposeAsync();
        _stage.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_done_before_the_CLI_listens_and_nothing_ends_before_it_says_so()
    {
        var publication = _stage.PublishAsync(ModelsSample.Describe);
        await _cli.ConnectAsync(_folder.PathOf("s"));

        Assert.Equal("""["baseline.v2","pipeline-steps.v1"]""", (await _cli.GetAsync("GetCapabilitiesAsync"))!.ToJsonString());
        var said = await _cli.StreamAsync("GetPublishingActivitiesAsync");
        Assert.False(publication.IsCompleted);
        Assert.Null(await _cli.GetAsync("RequestStopAsync"));

        Assert.Equal(0, await publication);
        Assert.Equal(("publish-complete", "Completed"), (Text(said[^1], "Type"), Text(said[^1]["Data"]!, "CompletionState")));
        var steps = said.Where(activity => Text(activity, "Type") == "step").Select(activity => Text(activity["Data"]!, "Id")).ToHashSet();
        Assert.Contains("publish-k8s", steps);
        Assert.All(said.Where(activity => Text(activity, "Type") == "log"), log => Assert.Contains(Text(log["Data"]!, "StepId"), steps));
        Assert.True(File.Exists(Path.Combine(_stage.Output, "Chart.yaml")));
    }

    [Fact]
    public async Task A_failure_is_told_to_the_CLI_and_is_the_exit_code()
    {
        var publication = _stage.PublishAsync(builder => builder.AddContainer("engine", "engine"));
        await _cli.ConnectAsync(_folder.PathOf("s"));
        var said = await _cli.StreamAsync("GetPublishingActivitiesAsync");
        await _cli.GetAsync("RequestStopAsync");

        Assert.Equal(1, await publication);
        Assert.Equal("CompletedWithError", Text(said[^1]["Data"]!, "CompletionState"));
    }

    [Fact]
    public async Task A_CLI_that_hangs_up_ends_the_publication()
    {
        var publication = _stage.PublishAsync(ModelsSample.Describe);
        await _cli.ConnectAsync(_folder.PathOf("s"));
        await _cli.DisposeAsync();

        await publication.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Steps_are_listed_with_what_comes_before_them()
    {
        var publication = _stage.PublishAsync(ModelsSample.Describe);
        await _cli.ConnectAsync(_folder.PathOf("s"));

        var steps = (await _cli.GetAsync("GetPipelineStepsAsync", new JsonObject { ["step"] = "publish" }))!["Steps"]!.AsArray();

        Assert.Equal(["process-parameters", "publish-prereq", "publish-k8s", "publish"], steps.Select(step => Text(step!, "Name")));
        Assert.Equal("""["publish-prereq"]""", steps[2]!["DependsOn"]!.ToJsonString());
        Assert.Equal("k8s", Text(steps[2]!, "ResourceName"));
        await _cli.GetAsync("RequestStopAsync");
        await publication;
    }

    [Fact]
    public async Task An_unknown_method_is_an_error_of_its_own_and_the_connection_goes_on()
    {
        var publication = _stage.PublishAsync(ModelsSample.Describe);
        await _cli.ConnectAsync(_folder.PathOf("s"));

        Assert.Equal(-32601, (int)(await _cli.AskAsync("NoSuchMethodAsync"))["error"]!["code"]!);
        await _cli.SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = "$/cancelRequest", ["params"] = new JsonObject { ["id"] = 99 } });
        Assert.NotNull(await _cli.GetAsync("GetCapabilitiesAsync"));
        await _cli.GetAsync("RequestStopAsync");
        await publication;
    }

    [Fact]
    public async Task An_AppHost_whose_CLI_is_gone_ends_too()
    {
        await using var cli = ChildProcess.Start("sleep", ["60"]);
        _stage.Configuration["ASPIRE_CLI_PID"] = cli.Id.ToString(CultureInfo.InvariantCulture);
        var publication = _stage.PublishAsync(ModelsSample.Describe);
        await _cli.ConnectAsync(_folder.PathOf("s"));
        await _cli.StreamAsync("GetPublishingActivitiesAsync");
        Assert.False(publication.IsCompleted);

        cli.Kill();

        Assert.Equal(1, await publication.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private static string Text(JsonNode node, string name) => (string)node[name]!;
}
