namespace Sluice.Contracts.Tests.Models;

public sealed class ModelNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("wine")]
    [InlineData("A-b_c.9")]
    [InlineData(".hidden")]
    [InlineData("..a")]
    [InlineData("-")]
    public void What_keeps_the_rule_is_a_name(string name) => Assert.True(ModelName.IsValid(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\n")]
    [InlineData("\na")]
    [InlineData("ä")]
    [InlineData("a%2Fb")]
    [InlineData("٣")]
    public void What_breaks_the_rule_is_none(string? name) => Assert.False(ModelName.IsValid(name));

    [Fact]
    public void A_name_has_at_most_100_characters()
    {
        Assert.True(ModelName.IsValid(new string('x', 100)));
        Assert.False(ModelName.IsValid(new string('x', 101)));
        Assert.False(ModelName.IsValid(new string('.', 100)));
    }
}
