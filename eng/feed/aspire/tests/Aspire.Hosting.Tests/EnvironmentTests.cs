using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Tests.Publishing;
using Sluice.Testing;

namespace Aspire.Hosting.Tests;

/// <summary>The environment variables that follow from the description of an application.</summary>
public sealed class EnvironmentTests
{
    private readonly ModelStage _stage = new();

    [Fact]
    public async Task A_project_listens_where_DCP_tells_each_replica()
    {
        var single = _stage.Add("single").WithHttpEndpoint();
        var several = _stage.Add("several").WithHttpEndpoint(port: 8080).WithHttpEndpoint(name: "admin", targetPort: 9000);

        Assert.Equal("""http://localhost:{{- portForServing "single" -}}""", (await _stage.EnvironmentOfAsync(single))["ASPNETCORE_URLS"]);
        Assert.Equal(
            """http://localhost:{{- portForServing "several-http" -}};http://localhost:9000""", (await _stage.EnvironmentOfAsync(several))["ASPNETCORE_URLS"]);
    }

    [Fact]
    public async Task An_endpoint_with_a_variable_is_left_to_the_program()
    {
        var project = _stage.Add("project").WithHttpEndpoint().WithHttpEndpoint(name: "management", env: "Management__Port");

        var variables = await _stage.EnvironmentOfAsync(project);

        Assert.Equal("""http://localhost:{{- portForServing "project-http" -}}""", variables["ASPNETCORE_URLS"]);
        Assert.Equal("""{{- portForServing "project-management" -}}""", variables["Management__Port"]);
    }

    [Fact]
    public async Task What_the_AppHost_sets_is_not_overridden()
    {
        var project = _stage.Add("project").WithHttpEndpoint()
            .WithEnvironment("ASPNETCORE_URLS", "http://localhost:1").WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "json");

        var variables = await _stage.EnvironmentOfAsync(project);

        Assert.Equal("http://localhost:1", variables["ASPNETCORE_URLS"]);
        Assert.Equal("json", variables["LOGGING__CONSOLE__FORMATTERNAME"]);
    }

    [Fact]
    public async Task A_reference_names_endpoints_after_their_scheme_or_themselves()
    {
        var orders = _stage.Add("order-api").WithHttpEndpoint(port: 8080).WithHttpEndpoint(port: 8081, name: "management");
        var shop = _stage.Add("shop").WithReference(orders).WithReference(orders).WithReference(orders.GetEndpoint("http"));

        var variables = (await _stage.EnvironmentOfAsync(shop)).Where(v => v.Key.Contains("ORDER", StringComparison.OrdinalIgnoreCase)).ToDictionary();

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__order-api__http__0"] = "http://localhost:8080",
                ["services__order-api__management__0"] = "http://localhost:8081",
                ["ORDER_API_HTTP"] = "http://localhost:8080",
                ["ORDER_API_MANAGEMENT"] = "http://localhost:8081",
            },
            variables);
    }

    [Fact]
    public async Task Values_come_from_text_callbacks_parameters_endpoints_and_expressions()
    {
        _stage.Configure("Parameters:pass-word", "a{b}c");
        var word = _stage.Builder.AddParameter("pass-word", secret: true);
        var back = _stage.Add("back").WithHttpEndpoint(port: 8080);
        var front = _stage.Add("front")
            .WithEnvironment("TEXT", "{{plain}}")
            .WithEnvironment("NOTHING", (string?)null)
            .WithEnvironment("LATE", () => "late")
            .WithEnvironment("WORD", word)
            .WithEnvironment("ADDRESS", back.GetEndpoint("http"))
            .WithEnvironment("PORT", back.GetEndpoint("http").Property(EndpointProperty.Port))
            .WithEnvironment("MIXED", $"{{{back.GetEndpoint("http").Property(EndpointProperty.HostAndPort)}}}?{word}&{"text"}")
            .WithEnvironment(context => context.EnvironmentVariables["BACK"] = context.EnvironmentVariables["ADDRESS"]);

        var variables = await _stage.EnvironmentOfAsync(front);

        Assert.Equal("{{plain}}", variables["TEXT"]);
        Assert.Equal("", variables["NOTHING"]);
        Assert.Equal("late", variables["LATE"]);
        Assert.Equal("a{b}c", variables["WORD"]);
        Assert.Equal("http://localhost:8080", variables["ADDRESS"]);
        Assert.Equal("8080", variables["PORT"]);
        Assert.Equal("{localhost:8080}?a{b}c&text", variables["MIXED"]);
        Assert.Equal("http://localhost:8080", variables["BACK"]);
    }

    [Fact]
    public async Task A_launch_profile_gives_a_run_its_addresses_and_what_the_AppHost_does_not_set_itself()
    {
        var project = _stage.Builder.AddProject<SampleProjects.Registry>("registry");
        var changed = _stage.Builder.AddProject<SampleProjects.Gateway>("gateway").WithEnvironment("ASPNETCORE_ENVIRONMENT", "Staging");

        Assert.Equal("Development", (await _stage.EnvironmentOfAsync(project))["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("http", (await _stage.EnvironmentOfAsync(project))["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal("Staging", (await _stage.EnvironmentOfAsync(changed))["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("http://localhost:5111", project.GetEndpoint("http").Url);
    }

    [Theory]
    [InlineData("""{ "profiles": { "a": { "commandName": "Project", "commandLineArgs": "--x" } } }""", "'a' arguments")]
    [InlineData("""{ "profiles": { "a": { "commandName": "Project", "applicationUrl": "nowhere" } } }""", "cannot be read")]
    [InlineData("{", "cannot be read")]
    public void Launch_settings_that_cannot_be_followed_are_refused_by_their_path(string settings, string reason)
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("Properties", "launchSettings.json");
        Directory.CreateDirectory(folder.PathOf("Properties"));
        File.WriteAllText(file, settings);

        var refused = Assert.Throws<DistributedApplicationException>(() => LaunchProfile.Read(folder.PathOf("X.csproj")));

        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_dashboard_no_telemetry_is_sent_anywhere() =>
        Assert.DoesNotContain((await _stage.EnvironmentOfAsync(_stage.Add("project"))).Keys, name => name.StartsWith("OTEL_EXPORTER", StringComparison.Ordinal));

    [Fact]
    public async Task A_value_of_a_strange_type_is_refused_by_name()
    {
        var project = _stage.Add("project").WithEnvironment(context => context.EnvironmentVariables["STRANGE"] = new object());

        var refused = await Assert.ThrowsAsync<DistributedApplicationException>(() => _stage.EnvironmentOfAsync(project));

        Assert.Contains("'STRANGE' of resource 'project'", refused.Message, StringComparison.Ordinal);
    }
}
