using System.Net;
using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>The gateway and the Registry: cut, back, away from the start; reports; and what is passed through.</summary>
public sealed class RegistryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Inference_goes_on_while_the_Registry_is_away_and_what_changed_counts_once_it_is_back()
    {
        await using var stage = await Stage.SetWithWineAsync();
        await stage.Registry.StopAsync();
        await Eventually.BecomesTrueAsync(() => !stage.Gateway.Watch.IsConnected);

        using (var away = await stage.Gateway.InferAsync("wine"))
        {
            Assert.Equal(HttpStatusCode.OK, away.StatusCode);
        }

        using var ready = await stage.Http.GetAsync(new Uri(stage.Gateway.Management, Management.ReadyPath), Token);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        stage.Registry.Register("beer", 1);
        stage.Registry.Serve("beer", 1);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("beer", 1, VersionState.Ready));
        await stage.Registry.StartAsync();
        await stage.CaughtUpAsync();

        using var back = await stage.Gateway.InferAsync("beer");
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
    }

    [Fact]
    public async Task A_gateway_starts_from_the_last_known_good_state_while_the_Registry_is_down()
    {
        await using var stage = await Stage.SetWithWineAsync();
        await Eventually.BecomesTrueAsync(() => File.Exists(stage.StateFile) && new LastKnownGood(stage.StateFile).Read()?.Revision == stage.Registry.Revision);
        await stage.Registry.StopAsync();

        await using var second = RunningGateway.Start(stage.Registry.Address, stage.StateFile);
        using var ready = await second.Http.GetAsync(new Uri(second.Management, Management.ReadyPath), Token);
        using var answer = await second.InferAsync("wine");

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("last known good", await ready.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_last_known_good_state_that_is_no_state_does_not_keep_the_gateway_from_starting()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await FakeRegistry.RunAsync();
        registry.Register("wine", 1);
        await File.WriteAllTextAsync(folder.PathOf("state.json"), """{"storeId": "x", "revi""", Token);

        await using var gateway = RunningGateway.Start(registry.Address, folder.PathOf("state.json"));

        await gateway.CaughtUpAsync(registry);
    }

    [Fact]
    public async Task The_Registry_is_told_what_is_routed_on_every_change_and_goodbye_at_the_end()
    {
        await using var registry = await FakeRegistry.RunAsync();
        using var folder = new TemporaryFolder();
        registry.Register("wine", 1);
        registry.Serve("wine", stable: 1, generation: 4);
        await using (var gateway = RunningGateway.Start(registry.Address, folder.PathOf("state.json"), ("Gateway:Id", "one")))
        {
            await Eventually.BecomesTrueAsync(() => registry.Reports.GetValueOrDefault("one")?.Routes is [{ Model: "wine", Generation: 4 }]);
            Assert.Equal(gateway.Address.GetLeftPart(UriPartial.Authority), registry.Reports["one"].Address);
            Assert.Equal(Weight.None, registry.Reports["one"].Routes[0].CanaryWeight);

            registry.Serve("wine", stable: 1, generation: 5);
            await Eventually.BecomesTrueAsync(() => registry.Reports["one"].Routes is [{ Generation: 5 }], TimeSpan.FromSeconds(1.5));

            // Nothing changes any more: the next report comes by the clock.
            registry.Reports.Clear();
            await Eventually.BecomesTrueAsync(() => registry.Reports.GetValueOrDefault("one")?.Revision == registry.Revision);
            Assert.Empty(registry.Goodbyes);
        }

        Assert.All(registry.Goodbyes, id => Assert.Equal("one", id)); // the test host and the program both stop it
        Assert.NotEmpty(registry.Goodbyes);
    }

    [Fact]
    public async Task Two_gateways_of_one_machine_have_different_names()
    {
        await using var stage = await Stage.SetAsync();
        await using var second = RunningGateway.Start(stage.Registry.Address, stage.StateFile, ("Gateway:AdvertisedAddress", "https://gateway.example:8443"));

        await Eventually.BecomesTrueAsync(() => stage.Registry.Reports.Count == 2);

        Assert.Contains(stage.Registry.Reports.Values, report => report.Address == "https://gateway.example:8443");
    }

    [Fact]
    public async Task A_watch_through_the_gateway_tells_each_change_as_it_happens()
    {
        await using var stage = await Stage.SetWithWineAsync();
        using var answer = await stage.Http.GetAsync(ApiPaths.Watch, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(Token);
        await using var events = SseParser.Create(stream).EnumerateAsync(Token).GetAsyncEnumerator(Token);

        Assert.True(await events.MoveNextAsync());
        Assert.Equal(WatchEventTypes.Snapshot, events.Current.EventType);
        for (var version = 2; version < 5; version++)
        {
            stage.Registry.Register("wine", version);
            Assert.True(await events.MoveNextAsync());
            Assert.Contains($"wine/{version}", events.Current.Data, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_upload_through_the_gateway_may_be_larger_than_an_inference_and_keeps_its_Host_and_credential()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:MaxRequestBodyBytes", "1000"));

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/models/wine/versions") { Content = new ByteArrayContent(new byte[5_000_000]) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer slk_key");
        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(("/api/models/wine/versions", stage.Gateway.Address.Authority, "Bearer slk_key", 5_000_000L), stage.Registry.Passed);
    }

    [Theory]
    [InlineData("/console")]
    [InlineData("/console/models/wine")]
    [InlineData("/api/2.0/mlflow/registered-models/get")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/my%20model.onnx")]
    [InlineData("/.well-known/jwks.json")]
    public async Task The_console_MLflow_and_token_keys_are_passed_on(string path)
    {
        await using var stage = await Stage.SetAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Basic dTpw");

        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.Equal("passed", await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains((path, stage.Gateway.Address.Authority, "Basic dTpw", 0L), stage.Registry.Passed);
    }

    [Fact]
    public async Task A_stream_of_events_is_not_buffered()
    {
        await using var stage = await Stage.SetAsync();
        var answered = new TaskCompletionSource();
        stage.Registry.Other = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await answered.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("data: 2\n\n");
        };
        using var answer = await stage.Http.GetAsync("/console/events?wait=300s", HttpCompletionOption.ResponseHeadersRead, Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(Token);
        using var reader = new StreamReader(stream);

        Assert.Equal("data: 1", await reader.ReadLineAsync(Token)); // while the answer is not complete: nothing is buffered
        answered.SetResult();
        Assert.Equal("\ndata: 2\n\n", await reader.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task What_cannot_be_passed_on_is_502_with_problem_details()
    {
        await using var stage = await Stage.SetWithWineAsync();
        await stage.Registry.StopAsync();

        using var answer = await stage.Http.GetAsync(ApiPaths.Models, Token);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("The Registry does not answer", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
