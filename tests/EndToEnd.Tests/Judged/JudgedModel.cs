using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Judging;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Judged;

/// <summary>A copy of the wine sample under a name of its own, its users and its rollouts.</summary>
/// <param name="gateway">Speaks to the gateway.</param>
/// <param name="registry">Speaks to the Registry.</param>
/// <param name="name">The model's name.</param>
internal sealed class JudgedModel(HttpClient gateway, HttpClient registry, string name)
{
    private const int Users = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    private readonly ConcurrentQueue<UserAnswer> _answers = new();
    private int _rollouts;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the users got so far.</summary>
    public IReadOnlyCollection<UserAnswer> Answers => _answers;

    /// <summary>Registers versions of the sample, with their metrics, which become 1, 2, …; serves the first and waits until it answers.</summary>
    public async Task ServeAsync(params int[] samples)
    {
        foreach (var sample in samples)
        {
            var folder = Repository.PathOf("samples", "wine", sample.ToString(CultureInfo.InvariantCulture));
            using var metadata = new StringContent(await File.ReadAllTextAsync(Path.Combine(folder, "version.json"), Token), null, "application/json");
            using var file = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(folder, "model.onnx"), Token));
            using var parts = new MultipartFormDataContent { { metadata, "metadata" }, { file, "files", "model.onnx" } };
            await SucceedsAsync(await registry.PostAsync($"/api/models/{name}/versions", parts, Token));
        }

        await SucceedsAsync(await registry.PutAsJsonAsync($"/api/models/{name}/serving", new { stable = 1 }, Token));
        await Eventually.BecomesTrueAsync(async () => (await AskAsync(Rows()[0])).Status == HttpStatusCode.OK, TimeSpan.FromSeconds(90), $"{name} answers");
    }

    /// <summary>Demands that a new version's accuracy is not below stable's.</summary>
    public async Task GuardAccuracyAsync() => await SucceedsAsync(
        await registry.PutAsJsonAsync($"/api/models/{name}/gates", new[] { new { metric = "accuracy", maxDrop = 0.02, higherIsBetter = true } }, Token));

    /// <summary>Lets users send requests for as long as something lasts. No request may fail.</summary>
    public async Task WithTrafficAsync(Func<Task> story)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var rows = Rows();
        var traffic = Task.WhenAll(Enumerable.Range(0, Users).Select(user => Task.Run(() => SendAsync(user, rows, stop.Token))));
        try
        {
            await story();
        }
        finally
        {
            await stop.CancelAsync();
            await traffic;
        }

        Assert.DoesNotContain(_answers, answer => answer.Status != HttpStatusCode.OK);
    }

    /// <summary>Waits until the last answers are all of one version.</summary>
    public async Task AnswersOnlyAsync(string version)
    {
        var asked = _answers.Count;
        await Eventually.BecomesTrueAsync(
            () => _answers.Count > asked + 50 && _answers.TakeLast(50).All(answer => answer.Version == version), TimeSpan.FromSeconds(60), $"version {version} answers all");
    }

    /// <summary>Starts a rollout; the answer says whether it did.</summary>
    /// <param name="request">The body.</param>
    public async Task<(HttpStatusCode Status, string Body)> TryStartAsync(object request)
    {
        using var answer = await registry.PostAsJsonAsync($"/api/models/{name}/rollouts", request, Token);
        _rollouts += answer.StatusCode == HttpStatusCode.Created ? 1 : 0;
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Starts a rollout by the profile for development.</summary>
    public async Task StartAsync(int version, object? request = null)
    {
        var (status, body) = await TryStartAsync(request ?? new { version, profile = "development" });
        Assert.True(status == HttpStatusCode.Created, body);
    }

    /// <summary>Starts a rollout, and waits for its verdict.</summary>
    public async Task<Rollout> RollOutAsync(int version, object? request = null)
    {
        await StartAsync(version, request);
        return await DecidedAsync(TimeSpan.FromMinutes(8)); // one that nothing proves good at once is so by tier B, later
    }

    /// <summary>The last rollout as it is now.</summary>
    public async Task<Rollout> CurrentAsync() =>
        (await registry.GetFromJsonAsync($"/api/rollouts/{name}.{_rollouts}", ContractsJson.Default.Rollout, Token))!;

    /// <summary>Waits until the last rollout is as wanted.</summary>
    public Task BecomesAsync(Func<Rollout, bool> isWanted, TimeSpan limit, string what) =>
        Eventually.BecomesTrueAsync(async () => isWanted(await CurrentAsync()), limit, what);

    /// <summary>Waits until the last rollout is decided, or asks for a person. Outages of the Registry are waited out.</summary>
    public async Task<Rollout> DecidedAsync(TimeSpan limit)
    {
        Rollout? rollout = null;
        await Eventually.BecomesTrueAsync(
            async () => (rollout = await CurrentAsync()) is { IsDecided: true } or { Phase: RolloutPhase.Paused }, limit, $"the rollout {name}.{_rollouts} is decided");
        return rollout!;
    }

    /// <summary>Rolls the last rollout back.</summary>
    public async Task RollBackAsync() =>
        await SucceedsAsync(await registry.PostAsJsonAsync($"/api/rollouts/{name}.{_rollouts}/rollback", new { reason = "the story is over" }, CancellationToken.None));

    /// <summary>The judge's last word on a rollout, which follows bit by bit from what is stored.</summary>
    public async Task<Judgement> LastVerdictAsync(Rollout rollout)
    {
        var events = await registry.GetFromJsonAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent, Token);
        var figures = events!.Last(item => item.Figures is not null).Figures!.Value;
        var judgement = figures.Deserialize(JudgingJson.Default.Judgement)!;
        var log = new List<LogEntry>();
        for (EvidencePage? page = null; page is null || log.Count < page.Last;)
        {
            page = await registry.GetFromJsonAsync($"/api/rollouts/{rollout.Id}/evidence?after={log.Count}", ContractsJson.Default.EvidencePage, Token);
            log.AddRange(page!.Entries.Select(entry => entry.Entry.Deserialize(JudgingJson.Default.LogEntry)!));
        }

        var explanation = Explanation.Of(log, Timeline.Of(events!), judgement.Looks);
        Assert.True(explanation!.IsOf(judgement), $"{explanation.Text} is not {figures}");
        return judgement;
    }

    private static string[] Rows() =>
        [.. File.ReadLines(Repository.PathOf("samples", "wine", "held_out.csv")).Skip(1).Select(line => line[..line.LastIndexOf(',')])];

    private static async Task SucceedsAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
        }
    }

    private async Task SendAsync(int user, string[] rows, CancellationToken stop)
    {
        for (var row = user; !stop.IsCancellationRequested; row++)
        {
            _answers.Enqueue(await AskAsync(rows[row % rows.Length]));
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task<UserAnswer> AskAsync(string row)
    {
        using var content = new StringContent($$"""{"inputs":[[{{row}}]]}""", null, "application/json");
        try
        {
            using var answer = await gateway.PostAsync($"/models/{name}/invocations", content, CancellationToken.None);
            return new UserAnswer(answer.StatusCode, answer.Headers.TryGetValues(SluiceHeaders.Version, out var version) ? version.Single() : null);
        }
        catch (HttpRequestException)
        {
            return new UserAnswer(null, null);
        }
    }
}

/// <summary>An answer that a user got.</summary>
/// <param name="Status">Its status; null when the connection broke.</param>
/// <param name="Version">The version that it names.</param>
internal sealed record UserAnswer(HttpStatusCode? Status, string? Version);
