using Aspire.Hosting.Dashboard.Wire;

namespace Aspire.Hosting.Tests;

/// <summary>Commands on resources, given as the dashboard gives them.</summary>
[Collection(nameof(OneSample))]
public sealed class CommandTests(SampleFixture fixture)
{
    private readonly CancellationToken _cancellationToken = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_shown_with_what_it_is_and_can_be_given_once_its_state_says_so()
    {
        var rows = await fixture.Sample.WatchUntilAsync(SampleFixture.AllRun);

        var front = rows.Values.Single(row => row.DisplayName == "front");
        Assert.Equal(["greet", "refuse", "break", "give-up"], front.Commands.Select(command => command.Name)); // the second give-up took the first one's place
        var greet = front.Commands[0];
        Assert.Equal(("Greet", "Says hello.", "Sure?"), (greet.DisplayName, greet.DisplayDescription, greet.ConfirmationMessage));
        Assert.Equal(("Person", IconVariant.Filled, true, CommandState.Enabled), (greet.IconName, greet.IconVariant, greet.IsHighlighted, greet.State));
        Assert.False(front.Commands[1].HasConfirmationMessage);
        Assert.Empty(rows.Values.First(row => row.DisplayName == "back").Commands);
    }

    [Theory]
    [InlineData("greet", 1, "hello from front-")]
    [InlineData("refuse", 2, "not today")]
    [InlineData("break", 2, "Unhandled exception thrown.")]
    [InlineData("give-up", 3, "")]
    [InlineData("none", 2, "Command 'none' not available")]
    public async Task What_became_of_it_is_answered(string command, int kind, string message)
    {
        var front = (await fixture.Sample.WatchUntilAsync(SampleFixture.AllRun)).Values.Single(row => row.DisplayName == "front").Name;

        var answer = await fixture.Sample.Resources.ExecuteResourceCommandAsync(
            new() { ResourceName = front, CommandName = command }, RunningSample.WithKey(), cancellationToken: _cancellationToken);

        Assert.Equal(kind, (int)answer.Kind);
        Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resource_that_is_none_is_answered()
    {
        var answer = await fixture.Sample.Resources.ExecuteResourceCommandAsync(
            new() { ResourceName = "nobody", CommandName = "greet" }, RunningSample.WithKey(), cancellationToken: _cancellationToken);

        Assert.Equal((ResourceCommandResponseKind.Failed, "Resource 'nobody' not found."), (answer.Kind, answer.Message));
    }
}
