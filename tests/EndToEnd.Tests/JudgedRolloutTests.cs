using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>The judge at work in the running system: a good version is promoted, a bad one goes back, by themselves and without a failed request.</summary>
[Collection(nameof(SharedSluice))]
public sealed class JudgedRolloutTests(RunningSluice sluice)
{
    private const string Model = "judged";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_version_is_promoted_and_a_bad_one_rolled_back_with_the_figures_on_record()
    {
        foreach (var sample in new[] { 1, 2, 4 })
        {
            await RegisterAsync(sample);
        }

        using var serving = await sluice.Registry.PutAsJsonAsync($"/api/models/{Model}/serving", new { stable = 1 }, Token);
        Assert.True(serving.IsSuccessStatusCode, await serving.Content.ReadAsStringAsync(Token));
        var rows = Rows();
        await Eventually.BecomesTrueAsync(async () => (await AskAsync(rows[0])).Status == HttpStatusCode.OK, TimeSpan.FromSeconds(60));
        var answers = new ConcurrentQueue<(HttpStatusCode Status, string? Version)>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var traffic = Task.WhenAll(Enumerable.Range(0, 2).Select(user => SendAsync(user, rows, answers, stop.Token)));

        var promoted = await RollOutAsync(2, number: 1);
        Assert.True(promoted.Phase == RolloutPhase.Promoted, promoted.Reason);
        var proof = await LastVerdictAsync(promoted);
        Assert.Equal(Verdict.Advance, proof.Verdict);
        Assert.NotNull(proof.Tier); // A or B: how a busy machine's latencies compare, is luck

        // The sample's version 4 fails on every fourth row.
        var rolledBack = await RollOutAsync(3, number: 2);
        Assert.True(rolledBack.Phase == RolloutPhase.RolledBack, rolledBack.Reason);
        var verdict = await LastVerdictAsync(rolledBack);
        Assert.Equal(Verdict.RollBack, verdict.Verdict);
        Assert.Contains("canary requests", rolledBack.Reason, StringComparison.Ordinal);

        var asked = answers.Count;
        await Eventually.BecomesTrueAsync(() => answers.Count > asked + 50 && answers.TakeLast(50).All(answer => answer.Version == "2"), TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await traffic;
        Assert.DoesNotContain(answers, answer => answer.Status != HttpStatusCode.OK);
        Assert.Contains(answers, answer => answer.Version == "3"); // it was tried, or nothing was shown
    }

    private static string[] Rows() =>
        [.. File.ReadLines(Repository.PathOf("samples", "wine", "held_out.csv")).Skip(1).Select(line => line[..line.LastIndexOf(',')])];

    private async Task RegisterAsync(int sample)
    {
        var bytes = await File.ReadAllBytesAsync(Repository.PathOf("samples", "wine", sample.ToString(CultureInfo.InvariantCulture), "model.onnx"), Token);
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/octet-stream") } };
        using var answer = await sluice.Registry.PostAsync($"/api/models/{Model}/versions", content, Token);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task<Rollout> RollOutAsync(int version, int number)
    {
        using var start = await sluice.Registry.PostAsJsonAsync($"/api/models/{Model}/rollouts", new { version, profile = "development" }, Token);
        Assert.True(start.StatusCode == HttpStatusCode.Created, await start.Content.ReadAsStringAsync(Token));
        Rollout? rollout = null;
        for (var polls = 0; polls < 5 && rollout is not { IsDecided: true } and not { Phase: RolloutPhase.Paused }; polls++)
        {
            rollout = await sluice.Registry.GetFromJsonAsync($"/api/rollouts/{Model}.{number}?wait=60s", ContractsJson.Default.Rollout, Token);
        }

        return rollout!;
    }

    // The judge's last word on a rollout, which follows bit by bit from what is stored.
    private async Task<Judgement> LastVerdictAsync(Rollout rollout)
    {
        var events = await sluice.Registry.GetFromJsonAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent, Token);
        var figures = events!.Last(item => item.Figures is not null).Figures!.Value;
        var judgement = figures.Deserialize(JudgingJson.Default.Judgement)!;
        var page = await sluice.Registry.GetFromJsonAsync($"/api/rollouts/{rollout.Id}/evidence", ContractsJson.Default.EvidencePage, Token);
        var log = page!.Entries.Select(entry => entry.Entry.Deserialize(JudgingJson.Default.LogEntry)!).ToArray();
        var explanation = Explanation.Of(log, Timeline.Of(events!), judgement.Looks);
        Assert.True(explanation!.IsOf(judgement), $"{explanation.Text} is not {figures}");
        return judgement;
    }

    private async Task SendAsync(int user, string[] rows, ConcurrentQueue<(HttpStatusCode, string?)> answers, CancellationToken stop)
    {
        for (var row = user; !stop.IsCancellationRequested; row++)
        {
            answers.Enqueue(await AskAsync(rows[row % rows.Length]));
            await Task.Delay(30, CancellationToken.None);
        }
    }

    private async Task<(HttpStatusCode Status, string? Version)> AskAsync(string row)
    {
        using var content = new StringContent($$"""{"inputs":[[{{row}}]]}""", null, "application/json");
        using var answer = await sluice.Gateway.PostAsync($"/models/{Model}/invocations", content, CancellationToken.None);
        return (answer.StatusCode, answer.Headers.TryGetValues(SluiceHeaders.Version, out var version) ? version.Single() : null);
    }
}
