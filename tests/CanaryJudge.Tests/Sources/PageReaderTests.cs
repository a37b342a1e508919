using FsCheck;
using FsCheck.Fluent;
using Sluice.CanaryJudge.Sources.Scraping;

namespace Sluice.CanaryJudge.Tests.Sources;

public sealed class PageReaderTests
{
    private static readonly string[] Names = ["requests_total", "weight"];

    [Fact]
    public void Only_wanted_names_of_the_very_model_are_read()
    {
        const string Page = """
            # HELP requests_total First attempts, of model="wine" too.
            # TYPE requests_total counter
            requests_total{model="wine",version="1",outcome="ok"} 12
            requests_total{model="wine2",version="1",outcome="ok"} 13
            requests_total{model="Wine",version="1",outcome="ok"} 14
            requests_total{alias="wine",version="1",outcome="ok"} 15
            requests_total_other{model="wine"} 16
            weight{version="1",model="wine"} 0.25 1700000000000
            unwanted{model="wine"} whatever

            """;

        var samples = PageReader.Read(Page, Names, "wine");

        Assert.Equal([12, 0.25], samples.Select(sample => sample.Value));
        Assert.Equal("ok", samples[0].Labels["outcome"]);
        Assert.Equal("1", samples[1].Labels["version"]);
    }

    [Theory]
    [InlineData("weight{model=\"wine\"} NaN\n", double.NaN)]
    [InlineData("weight{model=\"wine\"} +Inf\n", double.PositiveInfinity)]
    [InlineData("weight{model=\"wine\"} -Inf\n", double.NegativeInfinity)]
    [InlineData("weight{model=\"wine\",} 1.5e3\n", 1500)]
    public void Values_are_read_as_the_format_has_them(string page, double value) =>
        Assert.Equal(value, Assert.Single(PageReader.Read(page, Names, "wine")).Value);

    [Theory]
    [InlineData("")]
    [InlineData("weight{model=\"wine\"} 1")] // cut within a number: it could be 1 or 1000
    [InlineData("weight{model=\"wine\"\n")]
    [InlineData("weight{model=\"wine\",\n")]
    [InlineData("weight{model=\"wine\",version=\n")]
    [InlineData("weight{model=\"wine\",version=\"1\n")]
    [InlineData("weight{model=\"wine\"version=\"1\"} 1\n")]
    [InlineData("weight{model=\"wine\",model=\"wine\"} 1\n")]
    [InlineData("weight{model=\"wine\"}\n")]
    [InlineData("weight{model=\"wine\"} \n")]
    [InlineData("weight{model=\"wine\"} one\n")]
    [InlineData("weight{model=\"wine\"} 1,5\n")]
    public void What_is_cut_off_or_malformed_is_refused(string page) => Assert.Throws<FormatException>(() => PageReader.Read(page, Names, "wine"));

    [Fact]
    public void Every_text_comes_back_as_a_label_as_it_was_written() => Prop.ForAll<NonNull<string>, int>((text, value) =>
    {
        var escaped = text.Get.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        var sample = PageReader.Read($"weight{{other=\"{escaped}\",model=\"wine\"}} {value}\n", Names, "wine").Single();
        return sample.Labels["other"] == text.Get && sample.Value == value;
    }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Garbage_is_read_or_refused_and_nothing_else() => Prop.ForAll<NonNull<string>>(text =>
    {
        try
        {
            PageReader.Read($"weight{{model=\"wine\"{text.Get}\n", Names, "wine");
        }
        catch (FormatException)
        {
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
