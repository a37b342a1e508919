using System.Net;
using System.Net.Http.Json;

namespace Aspire.Hosting.Tests;

/// <summary>What the services of a running application are given and how they are reached.</summary>
[Collection(nameof(OneSample))]
public sealed class RunningTests(SampleFixture fixture)
{
    private readonly CancellationToken _cancellationToken = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_replicas_answer_behind_one_fixed_port()
    {
        var processes = new HashSet<string>();
        for (var i = 0; i < 100 && processes.Count < 2; i++)
        {
            processes.Add(await fixture.Sample.GetBackAsync());
        }

        Assert.Equal(2, processes.Count);
    }

    [Fact]
    public async Task A_reference_gives_the_address_in_both_families_of_variables()
    {
        var back = $"http://localhost:{fixture.Sample.BackPort}";

        Assert.Equal(back, await FrontVariableAsync("services__back__http__0"));
        Assert.Equal(back, await FrontVariableAsync("BACK_HTTP"));
        Assert.Equal(await FrontVariableAsync("services__back__second__0"), await FrontVariableAsync("BACK_SECOND"));
    }

    [Fact]
    public async Task An_expression_is_put_together_from_an_endpoint_and_a_parameter()
    {
        var secret = await fixture.Sample.GetBackAsync("/env/SECRET");

        Assert.Matches("^[a-zA-Z0-9]{24}$", secret);
        Assert.Equal($"http://localhost:{fixture.Sample.BackPort}/x?{secret}", await FrontVariableAsync("MIXED"));
    }

    [Fact]
    public async Task A_second_endpoint_listens_on_the_port_that_its_variable_names()
    {
        var address = await FrontVariableAsync("BACK_SECOND");

        Assert.Equal(HttpStatusCode.OK, (await fixture.Sample.Http.GetAsync(new Uri(address), _cancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_program_of_the_machine_runs_with_its_arguments_environment_and_health_check()
    {
        var resources = await fixture.Sample.WatchUntilAsync(seen => seen.Any(r => r.DisplayName == "tool" && SampleFixture.PropertyOf(r, "resource.healthState") == "Healthy"));

        var tool = resources.Values.Single(resource => resource.DisplayName == "tool");
        Assert.Equal(("Executable", "Running"), (tool.ResourceType, tool.State));
        Assert.Equal("/", SampleFixture.PropertyOf(tool, "executable.workDir"));
        Assert.Contains("second argument", SampleFixture.PropertyOf(tool, "executable.args"), StringComparison.Ordinal);
        var flag = tool.Environment.Single(variable => variable.Name == "FLAG").Value;
        Assert.True(File.Exists(flag), flag);
        Assert.Equal(await fixture.Sample.GetBackAsync("/env/SECRET"), tool.Environment.Single(variable => variable.Name == "SECRET").Value);
    }

    [Fact]
    public async Task Telemetry_goes_to_the_dashboard_under_the_name_of_the_resource()
    {
        Assert.Equal("front", await FrontVariableAsync("OTEL_SERVICE_NAME"));
        Assert.Matches("^service.instance.id=[a-z]{8}$", await FrontVariableAsync("OTEL_RESOURCE_ATTRIBUTES"));
        Assert.StartsWith("x-otlp-api-key=", await FrontVariableAsync("OTEL_EXPORTER_OTLP_HEADERS"), StringComparison.Ordinal);
        Assert.Equal("grpc", await FrontVariableAsync("OTEL_EXPORTER_OTLP_PROTOCOL"));
        Assert.Equal("1000", await FrontVariableAsync("OTEL_METRIC_EXPORT_INTERVAL"));
    }

    [Fact]
    public async Task What_is_meant_for_the_AppHost_does_not_reach_the_services()
    {
        Assert.Equal("", await FrontVariableAsync("DOTNET_ENVIRONMENT"));
        Assert.Matches(@"^http://localhost:\d+$", await FrontVariableAsync("ASPNETCORE_URLS"));
        Assert.DoesNotContain(fixture.Sample.DashboardPort.ToString(System.Globalization.CultureInfo.InvariantCulture), await FrontVariableAsync("ASPNETCORE_URLS"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_lets_in_who_has_the_token()
    {
        var login = await fixture.Sample.LoginUrlAsync();

        using var refused = await fixture.Sample.Http.GetAsync(new Uri($"http://localhost:{fixture.Sample.DashboardPort}/"), _cancellationToken);
        using var welcome = await fixture.Sample.Http.GetAsync(new Uri(login), _cancellationToken);
        using var guess = await fixture.Sample.Http.PostAsJsonAsync(
            new Uri($"http://localhost:{fixture.Sample.DashboardPort}/api/validatetoken"), new { token = "guess" }, _cancellationToken);

        Assert.Contains("/login", refused.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.Contains(welcome.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith(".Aspire.Dashboard.Auth", StringComparison.Ordinal));
        Assert.NotEqual("true", await guess.Content.ReadAsStringAsync(_cancellationToken));
    }

    [Fact]
    public void The_AppHost_says_that_it_runs_on_the_stand_in() =>
        Assert.Contains("13.5.4+standin", fixture.Sample.Process.Output, StringComparison.Ordinal);

    private async Task<string> FrontVariableAsync(string name) =>
        await fixture.Sample.Http.GetStringAsync(new Uri(fixture.Front, $"/env/{name}"), _cancellationToken);
}
