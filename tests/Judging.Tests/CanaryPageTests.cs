using System.Globalization;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Judging.Tests;

/// <summary>The worked example of docs/canary.md, made by the library: its figures are those of the rule as it is.</summary>
public sealed class CanaryPageTests
{
    [Fact]
    public async Task The_page_has_the_forecast_that_is_made()
    {
        var forecast = Forecast.Of(Story.Opening, 20, 0.005);
        await AssertOnPageAsync(forecast.Steps.Select((step, index) => string.Create(
            CultureInfo.InvariantCulture, $"| {index} | {step.Weight} | {step.Minutes:0.#} min | {step.DetectMinutes:0.#} min | {step.BadRequests:0} |")));
        await AssertOnPageAsync([string.Create(CultureInfo.InvariantCulture, $"about {forecast.Minutes:0} min in all")]);
    }

    [Fact]
    public async Task The_page_has_the_steps_of_a_good_canary() => await AssertOnPageAsync(
        new Story(Story.Opening).Until(60).Judgements.Where(judgement => judgement.Verdict == Verdict.Advance).Select(Sentence.Of));

    [Fact]
    public async Task The_page_has_the_end_of_a_bad_one_and_the_tests_behind_it()
    {
        var story = new Story(Story.Opening) { Canary = new Behaviour(Errors: 0.03) }.Until(60);

        Assert.Equal(Verdict.RollBack, story.Last.Verdict);
        await AssertOnPageAsync([Sentence.Of(story.Last)]);
        await AssertOnPageAsync(FigureLine.Of(story.Last.Figures, Story.Opening.Settings).Take(5).Select(line =>
            $"| {line.Test} | {line.Canary} | {line.Stable} | {line.Evidence} | {line.Needed} |"));
    }

    [Fact]
    public async Task The_page_has_the_rates_of_error_that_the_settings_amount_to() => await AssertOnPageAsync(
        [string.Create(CultureInfo.InvariantCulture, $"{JudgeSettings.Default.FalseRollbackRate:0.0 %} (`development`: {JudgeSettings.Development.FalseRollbackRate:0.0 %})")]);

    [Fact]
    public async Task The_page_has_how_long_little_traffic_takes()
    {
        var opening = Story.Opening with { Settings = new JudgeSettings(MaxStepAgeSeconds: 6 * 3600) };
        await AssertOnPageAsync([string.Create(CultureInfo.InvariantCulture, $"At one request a second the proof takes {Forecast.Of(opening, 1, 0.005).Steps[3].Minutes:0} min")]);
        Assert.Null(Forecast.Of(opening, 0.1, 0.005).Minutes);
    }

    private static async Task AssertOnPageAsync(IEnumerable<string> lines)
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "canary.md"), TestContext.Current.CancellationToken);
        var text = string.Join('\n', lines);
        Assert.True(page.Contains(text, StringComparison.Ordinal), $"docs/canary.md does not have:\n{text}");
    }
}
