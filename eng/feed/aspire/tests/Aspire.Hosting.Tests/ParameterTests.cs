using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Tests;

/// <summary>Where values of parameters come from.</summary>
public sealed class ParameterTests
{
    private readonly ModelStage _stage = new();
    private readonly CancellationToken _cancellationToken = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Parameters:admin-key")]
    [InlineData("Parameters:admin_key")]
    public async Task Configuration_comes_first_with_dashes_or_underscores(string key)
    {
        _stage.Configure(key, "configured");

        var parameter = _stage.Builder.AddParameter("admin-key", new GenerateParameterDefault { MinLength = 22 }, secret: true);

        Assert.Equal("configured", await parameter.Resource.GetValueAsync(_cancellationToken));
    }

    [Fact]
    public async Task A_missing_value_names_the_key_and_the_variable()
    {
        var parameter = _stage.Builder.AddParameter("admin-key");

        var missing = await Assert.ThrowsAsync<MissingParameterValueException>(async () => await parameter.Resource.GetValueAsync(_cancellationToken));

        Assert.Contains("'Parameters:admin-key'", missing.Message, StringComparison.Ordinal);
        Assert.Contains("'Parameters__admin_key'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generated_value_is_made_once_and_holds_what_was_asked_for()
    {
        var parameter = _stage.Builder.AddParameter(
            "word", new GenerateParameterDefault { MinLength = 30, Upper = false, MinNumeric = 5, MinSpecial = 3 }).Resource;

        var value = await parameter.GetValueAsync(_cancellationToken);

        Assert.Equal(30, value!.Length);
        Assert.DoesNotContain(value, char.IsUpper);
        Assert.True(value.Count(char.IsDigit) >= 5);
        Assert.True(value.Count("-_.{}~()*+!".Contains) >= 3);
        Assert.Equal(value, await parameter.GetValueAsync(_cancellationToken));
    }

    [Fact]
    public void Two_generated_values_differ()
    {
        var generate = new GenerateParameterDefault { MinLength = 22 };

        Assert.NotEqual(generate.GetDefaultValue(), generate.GetDefaultValue());
    }

    [Fact]
    public void A_generated_value_needs_characters() => Assert.Throws<DistributedApplicationException>(
        () => new GenerateParameterDefault { MinLength = 1, Lower = false, Upper = false, Numeric = false, Special = false }.GetDefaultValue());
}
