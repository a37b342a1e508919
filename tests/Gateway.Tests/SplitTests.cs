using System.Net;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Which version answers whom, seen from outside.</summary>
public sealed class SplitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_gateway_sends_a_caller_to_the_same_version()
    {
        await using var stage = await SetAsync(weight: 3000, new Stickiness(StickinessKind.Header, "x-user"));
        await using var second = RunningGateway.Start(stage.Registry.Address, stage.StateFile + "2");
        await second.CaughtUpAsync(stage.Registry);
        var versions = new Dictionary<string, int>();

        for (var caller = 0; caller < 300; caller++)
        {
            var here = await AskAsync(stage.Http, ("x-user", $"user {caller}"));
            Assert.Equal(here, await AskAsync(second.Http, ("X-User", $"user {caller}")));
            Assert.Equal(here, await AskAsync(stage.Http, ("x-user", $"user {caller}")));
            versions[$"user {caller}"] = here;
        }

        Assert.InRange(versions.Values.Count(version => version == 2), 90 - 48, 90 + 48); // six standard deviations
    }

    [Fact]
    public async Task A_caller_who_was_moved_to_the_canary_stays_there_while_the_weight_rises()
    {
        await using var stage = await SetAsync(weight: 0, new Stickiness(StickinessKind.Cookie, "session"));
        var moved = new HashSet<int>();
        foreach (var weight in new[] { 500, 2000, 5000, 8000, 10_000 })
        {
            stage.Registry.Split("wine", 1, 2, weight, new Stickiness(StickinessKind.Cookie, "session"), generation: weight);
            await stage.CaughtUpAsync();
            for (var caller = 0; caller < 100; caller++)
            {
                if (await AskAsync(stage.Http, ("Cookie", $"theme=dark; session={caller}")) == 2)
                {
                    moved.Add(caller);
                }
                else
                {
                    Assert.DoesNotContain(caller, moved);
                }
            }
        }

        Assert.Equal(100, moved.Count);
    }

    [Fact]
    public async Task A_caller_who_is_not_known_again_is_drawn_by_the_weight()
    {
        await using var stage = await SetAsync(weight: 5000, new Stickiness(StickinessKind.Key));

        var versions = new HashSet<int>();
        await Eventually.BecomesTrueAsync(async () => versions.Add(await AskAsync(stage.Http)) && versions.Count == 2);
    }

    [Theory]
    [InlineData("/v2/models/wine/infer", "1")]
    [InlineData("/v2/models/wine/infer", "2")]
    [InlineData("/v1/models/wine:predict", "2")]
    [InlineData("/invocations", "2")]
    [InlineData("/v2/models/wine/versions/2/infer", "2")]
    public async Task A_header_pins_a_version_as_the_path_does(string path, string pin)
    {
        await using var stage = await SetAsync(weight: 5000, null);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(pin, $"{await AskAsync(stage.Http, path, (SluiceHeaders.Version, pin))}");
        }
    }

    [Fact]
    public async Task A_version_that_is_pinned_answers_for_itself_even_when_it_fails()
    {
        await using var stage = await SetAsync(weight: 5000, null);
        stage.Predictor().Answer = context =>
        {
            context.Response.StatusCode = context.Request.Path.Value!.Contains("/versions/2/", StringComparison.Ordinal) ? 500 : 200;
            return Task.CompletedTask;
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/wine/infer") { Content = RunningGateway.Json("{}") };
        request.Headers.Add(SluiceHeaders.Version, "2");

        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Theory]
    [InlineData("/v2/models/wine/versions/1/infer", "2", HttpStatusCode.BadRequest, "different versions")]
    [InlineData("/v2/models/wine/versions/one/infer", "1", HttpStatusCode.BadRequest, "different versions")]
    [InlineData("/v2/models/wine/infer", "two", HttpStatusCode.BadRequest, "counted from 1")]
    [InlineData("/v2/models/wine/infer", "0", HttpStatusCode.BadRequest, "counted from 1")]
    [InlineData("/v2/models/wine/infer", "9", HttpStatusCode.NotFound, "no version 9")]
    public async Task A_pin_that_cannot_be_is_refused(string path, string pin, HttpStatusCode status, string words)
    {
        await using var stage = await SetAsync(weight: 0, null);
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add(SluiceHeaders.Version, pin);

        using var answer = await stage.Http.SendAsync(request, Token);

        Assert.Contains(words, await Answers.AreErrorAsync(answer, status, "client"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_weights_change_no_request_fails_and_none_is_split_by_half_a_state()
    {
        // Each state is consistent in itself: odd generations have version 2 as stable and no canary, even ones give version 3 everything.
        await using var stage = await SetAsync(weight: 0, null);
        stage.Registry.Register("wine", 3);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Ready), ("wine", 3, VersionState.Ready));
        stage.Registry.Serve("wine", stable: 2, generation: 100);
        await stage.CaughtUpAsync();
        using var over = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var (asked, seen) = (0, new HashSet<int>());
            while (!over.IsCancellationRequested || asked < 50)
            {
                seen.Add(await AskAsync(stage.Http));
                asked++;
            }

            return seen;
        }, Token)).ToList();

        for (var generation = 101; generation < 300; generation++)
        {
            if (generation % 2 == 0)
            {
                stage.Registry.Split("wine", stable: 1, canary: 3, weight: 10_000, stickiness: null, generation);
            }
            else
            {
                stage.Registry.Serve("wine", stable: 2, generation: generation);
            }

            await Eventually.BecomesTrueAsync(() => stage.Gateway.Routes.Current.Report is [var route] && route.Generation == generation);
        }

        await over.CancelAsync();
        foreach (var seen in await Task.WhenAll(callers))
        {
            Assert.DoesNotContain(1, seen); // no state gives version 1 anything
        }
    }

    private static async Task<Stage> SetAsync(int weight, Stickiness? stickiness)
    {
        var stage = await Stage.SetWithWineAsync();
        stage.Registry.Register("wine", 2);
        stage.Registry.Report(stage.Predictor(), ("wine", 1, VersionState.Ready), ("wine", 2, VersionState.Ready));
        stage.Registry.Split("wine", stable: 1, canary: 2, weight, stickiness, generation: 2);
        await stage.CaughtUpAsync();
        return stage;
    }

    private static Task<int> AskAsync(HttpClient http, params (string Name, string Value)[] headers) => AskAsync(http, "/v2/models/wine/infer", headers);

    private static async Task<int> AskAsync(HttpClient http, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = RunningGateway.Json("{}") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await http.SendAsync(request, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return int.Parse(answer.Headers.GetValues(SluiceHeaders.Version).Single(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
