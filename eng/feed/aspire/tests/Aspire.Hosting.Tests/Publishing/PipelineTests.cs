#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // what an AppHost uses to add a step
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>The steps of a publication: their order, and how one that fails ends it.</summary>
public sealed partial class PipelineTests : IDisposable
{
    private static readonly string[] LaterSteps = ["publish"];

    private readonly PublishStage _stage = new();
    private DistributedApplication? _application;

    public void Dispose()
    {
        _application?.Dispose();
        _stage.Dispose();
    }

    [Fact]
    public async Task Steps_run_after_what_they_need_each_once()
    {
        var said = await RunAsync("publish", ModelsSample.Describe);

        Assert.Equal(
            [
                "step prepare-deployment-targets-k8s Completed", "step before-start Completed", "step process-parameters Completed", "step publish-prereq Completed",
                "step publish-k8s Completed", "step publish Completed", "publish-complete publish Completed",
            ],
            said.Where(activity => activity.Type != "log" && activity.Data.State != CompletionState.InProgress).Select(Describe));
    }

    [Fact]
    public async Task A_parameter_without_a_value_is_named_and_does_not_end_the_publication()
    {
        var said = await RunAsync("publish", ModelsSample.Describe);

        var warning = Assert.Single(said, activity => activity.Data.LogLevel == LogLevel.Warning);
        Assert.Contains("'api-key'", warning.Data.StatusText, StringComparison.Ordinal);
        Assert.Equal("process-parameters", warning.Data.StepId);
    }

    [Fact]
    public async Task A_step_that_fails_says_why_and_nothing_follows_it()
    {
        var said = await RunAsync("publish", builder =>
        {
            builder.AddKubernetesEnvironment("k8s");
            builder.AddContainer("engine", "engine").PublishAsKubernetesService(_ => throw new InvalidOperationException("the customisation's fault"));
        });

        var failed = Assert.Single(said, activity => activity is { Type: "step", Data.State: CompletionState.CompletedWithError });
        Assert.Equal(("publish-k8s", "the customisation's fault"), (failed.Data.Id, failed.Data.CompletionMessage));
        Assert.Contains(said, activity => activity is { Type: "log", Data: { StepId: "publish-k8s", StatusText: "the customisation's fault" } });
        Assert.DoesNotContain(said, activity => activity.Data.Id == "publish" && activity.Type == "step");
        Assert.Equal(("publish-complete", CompletionState.CompletedWithError), (said[^1].Type, said[^1].Data.State));
    }

    [Fact]
    public async Task A_step_of_the_application_finds_what_is_before_it_done_and_says_what_it_does()
    {
        var found = Array.Empty<string>();
        var said = await RunAsync("publish", builder =>
        {
            ModelsSample.Describe(builder);
            builder.Pipeline.AddStep(
                "finish-chart",
                context =>
                {
                    found = Directory.GetFiles(context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory());
                    LogFound(context.Logger, found.Length);
                    return Task.CompletedTask;
                },
                dependsOn: "publish-k8s",
                requiredBy: LaterSteps);
        });

        Assert.Contains(Path.Combine(_stage.Output, "Chart.yaml"), found);
        Assert.Contains(said, activity => activity is { Type: "log", Data.StepId: "finish-chart" } && activity.Data.StatusText == $"{found.Length} files");
        var steps = said.Where(activity => activity is { Type: "step", Data.State: CompletionState.Completed }).Select(activity => activity.Data.Id);
        Assert.Equal(["publish-k8s", "finish-chart", "publish"], steps.SkipWhile(name => name != "publish-k8s"));
    }

    [Fact]
    public async Task A_step_of_the_application_that_fails_ends_the_publication_with_its_reason()
    {
        var said = await RunAsync("publish", builder =>
        {
            ModelsSample.Describe(builder);
            builder.Pipeline.AddStep("finish-chart", _ => throw new InvalidOperationException("no such template"), "publish-k8s", "publish");
        });

        var failed = Assert.Single(said, activity => activity is { Type: "step", Data.State: CompletionState.CompletedWithError });
        Assert.Equal(("finish-chart", "no such template"), (failed.Data.Id, failed.Data.CompletionMessage));
    }

    [Fact]
    public void Two_steps_of_one_name_are_refused()
    {
        var builder = DistributedApplication.CreateBuilder([]);
        builder.Pipeline.AddStep("finish-chart", _ => Task.CompletedTask);

        Assert.Throws<InvalidOperationException>(() => builder.Pipeline.AddStep("finish-chart", _ => Task.CompletedTask));
    }

    [Fact]
    public async Task A_step_that_does_not_exist_is_answered_with_those_that_do()
    {
        var said = await RunAsync("deploy", ModelsSample.Describe);

        var reason = Assert.Single(said, activity => activity.Data.CompletionMessage is not null).Data.CompletionMessage;
        Assert.Contains("no step 'deploy'", reason, StringComparison.Ordinal);
        Assert.Contains("publish-k8s", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_with_nothing_to_publish_for_says_so()
    {
        var said = await RunAsync("publish", builder => builder.AddContainer("engine", "engine"));

        Assert.Contains("AddKubernetesEnvironment", Assert.Single(said, activity => activity.Data.CompletionMessage is not null).Data.CompletionMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_needs_a_place()
    {
        var builder = DistributedApplication.CreateBuilder(["--publisher", "manifest"]);
        var said = await RunAsync(builder);

        Assert.Contains("--output-path", Assert.Single(said, activity => activity.Data.CompletionMessage is not null).Data.CompletionMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ingress_leads_to_external_endpoints_only()
    {
        var said = await RunAsync("publish", builder =>
        {
            var engine = builder.AddContainer("engine", "engine").WithHttpEndpoint(targetPort: 80);
            builder.AddKubernetesEnvironment("k8s").AddIngress("edge").WithPath("/", engine.GetEndpoint("http"));
        });

        Assert.Contains("WithExternalHttpEndpoints", Assert.Single(said, activity => activity.Data.CompletionMessage is not null).Data.CompletionMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_that_wait_for_one_another_are_named()
    {
        PipelineStep[] steps = [Step("a") with { DependsOn = ["b"] }, Step("b") with { DependsOn = ["c"] }, Step("c") with { RequiredBy = ["b"], DependsOn = ["b"] }];

        var refused = Assert.Throws<DistributedApplicationException>(() => new Pipeline(new DistributedApplicationModel(new ModelStage().Builder.Resources), steps).UpTo("a"));

        Assert.Contains("b → c → b", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publication_that_fails_sets_the_exit_code() =>
        Assert.Equal(1, await _stage.PublishAsync(ModelsSample.Describe, "no-such-step"));

    [Fact]
    public async Task Containers_are_published_and_a_run_refuses_them()
    {
        var stage = new ModelStage();
        stage.Builder.AddContainer("engine", "engine");
        await using var application = stage.Builder.Build();

        var refused = await Assert.ThrowsAsync<DistributedApplicationException>(() => application.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("'engine'", refused.Message, StringComparison.Ordinal);
    }

    private static PipelineStep Step(string name) => new(name, "", _ => Task.CompletedTask);

    private static string Describe(PublishingActivity activity) => $"{activity.Type} {activity.Data.Id} {activity.Data.State}";

    private Task<List<PublishingActivity>> RunAsync(string step, Action<IDistributedApplicationBuilder> describe)
    {
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish", "--step", step, "--output-path", _stage.Output]);
        describe(builder);
        return RunAsync(builder);
    }

    /// <summary>Runs the pipeline without the rest of the application; answers everything that was said.</summary>
    private async Task<List<PublishingActivity>> RunAsync(IDistributedApplicationBuilder builder)
    {
        _application = builder.Build();
        await _application.Services.GetRequiredService<PipelineRun>().RunAsync(TestContext.Current.CancellationToken);
        return await _application.Services.GetRequiredService<PipelineReport>().Activities.ToListAsync(TestContext.Current.CancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "{Count} files")]
    private static partial void LogFound(ILogger logger, int count);
}
