using Aspire.Hosting.Dashboard.Wire;
using Grpc.Core;

namespace Aspire.Hosting.Tests;

/// <summary>What the dashboard is told, read as the dashboard reads it.</summary>
[Collection(nameof(OneSample))]
public sealed class ResourceServiceTests(SampleFixture fixture)
{
    private readonly CancellationToken _cancellationToken = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_process_is_a_row_and_replicas_share_a_display_name()
    {
        var rows = await fixture.Sample.WatchUntilAsync(SampleFixture.AllRun);

        var back = rows.Values.Where(row => row.DisplayName == "back").ToList();
        Assert.Equal(2, back.Count);
        Assert.All(back, row =>
        {
            Assert.Matches("^back-[a-z]{8}$", row.Name);
            Assert.Equal("Project", row.ResourceType);
            Assert.Contains(row.Urls, url => url.FullUrl == $"http://localhost:{fixture.Sample.BackPort}" && url is { EndpointName: "http", IsInternal: false });
            Assert.Contains(row.Urls, url => url is { EndpointName: "second", IsInternal: true });
            Assert.Equal(HealthStatus.Healthy, Assert.Single(row.HealthReports).Status);
            Assert.Contains(row.Environment, variable => variable is { Name: "SECRET", IsFromSpec: true });
            Assert.True(int.Parse(SampleFixture.PropertyOf(row, "executable.pid")!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        });
        Assert.True(Assert.Single(rows.Values, row => row.DisplayName == "aspire-dashboard").IsHidden);
        Assert.Contains(Assert.Single(rows.Values, row => row.DisplayName == "front").Relationships, r => r is { ResourceName: "back", Type: "WaitFor" });
    }

    [Fact]
    public async Task No_field_is_missing_whose_absence_ends_the_dashboards_interest()
    {
        var rows = await fixture.Sample.WatchUntilAsync(SampleFixture.AllRun);

        Assert.All(rows.Values, row =>
        {
            Assert.NotNull(row.CreatedAt);
            Assert.All(row.Urls, url => Assert.NotNull(url.DisplayProperties));
            Assert.All(row.Properties, property => Assert.NotEqual(Google.Protobuf.WellKnownTypes.Value.KindOneofCase.None, property.Value?.KindCase ?? default));
        });
    }

    [Fact]
    public async Task A_secret_parameter_is_shown_as_sensitive()
    {
        var rows = await fixture.Sample.WatchUntilAsync(seen => seen.Any(row => row is { Name: "sample-secret", State: "Running" }));

        Assert.True(Assert.Single(rows["sample-secret"].Properties, property => property.Name == "Value").IsSensitive);
    }

    [Fact]
    public async Task The_console_log_holds_both_streams_of_the_process_and_what_the_AppHost_and_DCP_say_of_it()
    {
        var front = (await fixture.Sample.WatchUntilAsync(SampleFixture.AllRun)).Values.Single(row => row.DisplayName == "front").Name;
        using var call = fixture.Sample.Resources.WatchResourceConsoleLogs(
            new() { ResourceName = front, SuppressFollow = true }, RunningSample.WithKey(), cancellationToken: _cancellationToken);
        var lines = await call.ResponseStream.ReadAllAsync(_cancellationToken).SelectMany(update => update.LogLines).ToListAsync(_cancellationToken);

        Assert.Contains(lines, line => line.Text.EndsWith(" a line on stdout", StringComparison.Ordinal) && !line.IsStdErr);
        Assert.Contains(lines, line => line.Text.EndsWith(" a line on stderr", StringComparison.Ordinal) && line.IsStdErr);
        Assert.Contains(lines, line => line.Text.Contains("[sys]", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Text.EndsWith("Waiting for resource 'back' to become healthy.", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, lines.Count), lines.Select(line => line.LineNumber));
        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ", line.Text));
    }

    [Fact]
    public async Task The_application_has_the_name_of_its_project()
    {
        var information = await fixture.Sample.Resources.GetApplicationInformationAsync(new(), RunningSample.WithKey(), cancellationToken: _cancellationToken);

        Assert.Equal("SampleAppHost", information.ApplicationName);
        Assert.Equal("", information.MinDashboardVersion);
    }

    [Fact]
    public async Task Who_has_not_the_key_is_refused()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await fixture.Sample.Resources.GetApplicationInformationAsync(
            new(), RunningSample.WithKey("wrong"), cancellationToken: _cancellationToken));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }
}
