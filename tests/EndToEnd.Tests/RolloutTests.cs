using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>A version is replaced in the running system, under traffic.</summary>
[Collection(nameof(SharedSluice))]
public sealed class RolloutTests(RunningSluice sluice)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_replaces_another_one_and_goes_back_without_a_failed_request()
    {
        await RegisterAsync("replaced", "1");
        await RegisterAsync("replaced", "2");
        using var serving = await sluice.Registry.PutAsJsonAsync("/api/models/replaced/serving", new { stable = 1 }, Token);
        Assert.True(serving.IsSuccessStatusCode);
        await Eventually.BecomesTrueAsync(async () => await PredictAsync("replaced") is { IsSuccessStatusCode: true }, TimeSpan.FromSeconds(60));

        var answers = new ConcurrentQueue<(HttpStatusCode Status, string? Version)>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var traffic = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => SendAsync("replaced", answers, stop.Token)));

        // Nobody judges: each step lasts its time.
        using var start = await sluice.Registry.PostAsJsonAsync(
            "/api/models/replaced/rollouts",
            new { version = 2, steps = new[] { new { weight = 2500, holdSeconds = 3 }, new { weight = 7500, holdSeconds = 3 } }, analysis = new { rule = "None" } },
            Token);
        Assert.True(start.StatusCode == HttpStatusCode.Created, await start.Content.ReadAsStringAsync(Token));
        var rollout = await sluice.Registry.GetFromJsonAsync("/api/rollouts/replaced.1?wait=120s", ContractsJson.Default.Rollout, Token);
        Assert.True(rollout!.Phase == RolloutPhase.Promoted, rollout.Reason);
        await EveryAnswerIsOfAsync(answers, "2");

        using var back = await sluice.Registry.PostAsJsonAsync("/api/rollouts/replaced.1/rollback", new { reason = "to see it go back" }, Token);
        Assert.True(back.IsSuccessStatusCode, await back.Content.ReadAsStringAsync(Token));
        await EveryAnswerIsOfAsync(answers, "1");

        await stop.CancelAsync();
        await traffic;
        Assert.DoesNotContain(answers, answer => answer.Status != HttpStatusCode.OK);
        Assert.True(answers.Count > 100, $"{answers.Count} requests are too few to prove anything");
    }

    [Fact]
    public async Task A_version_that_no_replica_loads_is_rolled_back_with_the_reason()
    {
        await RegisterAsync("broken", "1");
        using var answer = await sluice.Registry.PostAsync("/api/models/broken/versions", Raw(OnnxModels.Unloadable()), Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        using var serving = await sluice.Registry.PutAsJsonAsync("/api/models/broken/serving", new { stable = 1 }, Token);
        await Eventually.BecomesTrueAsync(async () => await PredictAsync("broken") is { IsSuccessStatusCode: true }, TimeSpan.FromSeconds(60));

        using var start = await sluice.Registry.PostAsJsonAsync("/api/models/broken/rollouts", new { version = 2, @override = "to see it fail" }, Token);
        Assert.True(start.StatusCode == HttpStatusCode.Created, await start.Content.ReadAsStringAsync(Token));
        var rollout = await sluice.Registry.GetFromJsonAsync("/api/rollouts/broken.1?wait=120s", ContractsJson.Default.Rollout, Token);

        Assert.Equal(RolloutPhase.RolledBack, rollout!.Phase);
        Assert.Contains("No canary replica could load version 2", rollout.Reason, StringComparison.Ordinal);
        using var after = await PredictAsync("broken");
        Assert.Equal("1", Assert.Single(after.Headers.GetValues(SluiceHeaders.Version)));
    }

    private static ByteArrayContent Raw(byte[] model) => new(model) { Headers = { ContentType = new("application/octet-stream") } };

    private async Task RegisterAsync(string model, string wine)
    {
        var sample = await File.ReadAllBytesAsync(Repository.PathOf("samples", "wine", wine, "model.onnx"), Token);
        using var answer = await sluice.Registry.PostAsync($"/api/models/{model}/versions", Raw(sample), Token);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Token));
    }

    private Task<HttpResponseMessage> PredictAsync(string model, CancellationToken cancellationToken = default) =>
        sluice.Gateway.PostAsJsonAsync($"/models/{model}/invocations", new { inputs = new[] { Enumerable.Repeat(1.5, 13) } }, cancellationToken);

    private async Task SendAsync(string model, ConcurrentQueue<(HttpStatusCode, string?)> answers, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var answer = await PredictAsync(model, CancellationToken.None);
            answers.Enqueue((answer.StatusCode, answer.Headers.TryGetValues(SluiceHeaders.Version, out var version) ? version.Single() : null));
            await Task.Delay(5, CancellationToken.None);
        }
    }

    // Fifty in a row, as an old answer may still be on its way.
    private static Task EveryAnswerIsOfAsync(ConcurrentQueue<(HttpStatusCode Status, string? Version)> answers, string version) =>
        Eventually.BecomesTrueAsync(
            () => answers.Count > 50 && answers.TakeLast(50).All(answer => answer.Version == version), TimeSpan.FromSeconds(30));
}
