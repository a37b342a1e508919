using System.Net.Http.Json;
using Microsoft.Playwright;
using Sluice.Contracts;
using Sluice.Testing;
using static Microsoft.Playwright.Assertions;

namespace Sluice.EndToEnd.Tests;

/// <summary>What a person sees in the real dashboard, in a real browser. Each page leaves a screenshot in artifacts/screenshots.</summary>
[Collection(nameof(SharedSluice))]
public sealed class DashboardTests(RunningSluice sluice, DashboardBrowser browser) : IClassFixture<DashboardBrowser>
{
    private static readonly string[] Projects = ["registry", "gateway", "predictor-canary", "canaryjudge"];

    [Fact]
    public async Task Every_resource_is_shown_running()
    {
        var page = await OpenAsync("/");

        foreach (var name in Projects)
        {
            await Expect(Rows(page).Filter(new() { Has = page.GetByText(name, new() { Exact = true }) })).ToContainTextAsync("Running");
        }

        var replicas = Rows(page).Filter(new() { HasTextRegex = new("predictor-[a-z]{8}") });
        await Expect(replicas).ToHaveCountAsync(2);
        await Expect(replicas.Filter(new() { HasText = "Running" })).ToHaveCountAsync(2);
        await ScreenshotAsync(page, "resources");
    }

    [Fact]
    public async Task Console_logs_show_what_a_service_writes()
    {
        var page = await OpenAsync("/consolelogs/resource/registry");

        await Expect(page.GetByText("Version 1 of wine is stable now")).ToBeVisibleAsync();
        await ScreenshotAsync(page, "console-logs");
    }

    [Fact]
    public async Task One_trace_spans_gateway_and_predictor()
    {
        using var answer = await sluice.Gateway.PostAsJsonAsync("/models/wine/invocations", new { inputs = new[] { Enumerable.Repeat(1.5, 13) } });
        answer.EnsureSuccessStatusCode();

        var page = await OpenAsync("/traces");
        // At least two spans of the predictor: one that was refused has none for the run.
        var trace = Rows(page).Filter(new() { HasText = "POST /models/{model}/invocations" }).Filter(new() { HasTextRegex = new(@"gateway \(\d+\)[\s\S]*predictor-[a-z]{8} \([2-9]\)") }).First;
        await Expect(trace).ToBeVisibleAsync();
        await ScreenshotAsync(page, "traces");

        await trace.GetByText("POST /models/{model}/invocations").ClickAsync();
        await Expect(Rows(page).Filter(new() { HasText = "compute" })).ToHaveCountAsync(1);
        await ScreenshotAsync(page, "trace");
    }

    [Theory]
    [InlineData("registry", "sluice.registry.revision")]
    [InlineData("gateway", "sluice.gateway.requests")]
    [InlineData("predictor-canary", "http.client.request.duration")]
    [InlineData("canaryjudge", "sluice.judge.registry.silence")]
    public async Task Metrics_of_each_service_arrive(string resource, string instrument)
    {
        using var answer = await sluice.Gateway.PostAsJsonAsync("/models/wine/invocations", new { inputs = new[] { Enumerable.Repeat(1.5, 13) } });

        var page = await OpenAsync($"/metrics/resource/{resource}");

        await Expect(page.GetByText(instrument, new() { Exact = true })).ToBeVisibleAsync();
        await ScreenshotAsync(page, $"metrics-{resource}");
    }

    [Fact]
    public async Task Structured_logs_of_the_services_arrive()
    {
        var page = await OpenAsync("/structuredlogs/resource/gateway");

        await Expect(page.GetByText("Following the Registry").First).ToBeVisibleAsync();
        await ScreenshotAsync(page, "structured-logs");
    }

    [Fact]
    public async Task Commands_say_what_they_did_or_why_they_could_not()
    {
        var page = await OpenAsync("/");
        await Expect(Row(page, "gateway").GetByTitle("25 requests a second to wine", new() { Exact = false })).ToBeVisibleAsync();

        await CommandAsync(page, "registry", "Roll back");
        await Expect(page.GetByText("No rollout is open: start a canary first.").First).ToBeVisibleAsync();
        await ScreenshotAsync(page, "command-refused");

        await CommandAsync(page, "registry", "Start a bad canary");
        await Expect(page.GetByText("registry \"Start a bad canary\" succeeded").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Notifications" }).ClickAsync(); // what succeeded is told there
        await Expect(page.GetByText("version 4 of wine against version 1").First).ToBeVisibleAsync();
        await ScreenshotAsync(page, "command-done");

        await page.GetByTitle("Close").ClickAsync();
        await CommandAsync(page, "registry", "Roll back");
        await Expect(page.GetByText("registry \"Roll back\" succeeded").First).ToBeVisibleAsync();
        var rollouts = await sluice.Registry.GetFromJsonAsync("/api/models/wine/rollouts", ContractsJson.Default.IReadOnlyListRollout);
        Assert.Equal((4, RolloutPhase.RolledBack, "from the dashboard"), (rollouts![0].Canary, rollouts[0].Phase, rollouts[0].Reason));
    }

    private static ILocator Row(IPage page, string name) => Rows(page).Filter(new() { Has = page.GetByText(name, new() { Exact = true }) });

    private static async Task CommandAsync(IPage page, string resource, string command)
    {
        await Row(page, resource).GetByTitle("Actions").ClickAsync();
        await page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = command }).ClickAsync();
    }

    private static ILocator Rows(IPage page) => page.GetByRole(AriaRole.Row);

    private async Task<IPage> OpenAsync(string path)
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(sluice.DashboardLogin);
        await page.GotoAsync(new Uri(new Uri(sluice.DashboardLogin), path).ToString());
        return page;
    }

    private static Task ScreenshotAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Repository.PathOf("artifacts", "screenshots", $"{name}.png") });
}
