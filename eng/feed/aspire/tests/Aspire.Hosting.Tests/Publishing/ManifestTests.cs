using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>The parts of a manifest that the samples do not have.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly PublishStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Without_an_environment_to_deploy_to_a_project_has_its_older_form()
    {
        var project = await ResourceAsync("web", builder => builder.AddProject<SampleProjects.Plain>("web", launchProfileName: null));

        AssertJson("""{ "type": "project.v0", "path": "../Plain/Plain.csproj", "env": { "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory" } }""", project);
    }

    [Fact]
    public async Task Only_the_first_http_endpoint_of_a_project_is_left_to_the_deployment_others_get_ports()
    {
        var project = await ResourceAsync("web", builder => builder.AddProject<SampleProjects.Plain>("web", launchProfileName: null)
            .WithHttpEndpoint(port: 8080)
            .WithHttpEndpoint(name: "grpc", port: 9000, env: "GRPC_PORT")
            .WithEndpoint("grpc", endpoint => endpoint.Transport = "http2")
            .WithHttpEndpoint(name: "management", env: "MANAGEMENT_PORT"));

        AssertJson(
            """
            {
              "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "port": 8080 },
              "grpc": { "scheme": "http", "protocol": "tcp", "transport": "http2", "port": 9000, "targetPort": 8000 },
              "management": { "scheme": "http", "protocol": "tcp", "transport": "http", "targetPort": 8001 }
            }
            """,
            project["bindings"]!);
        AssertJson(
            """
            {
              "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory",
              "ASPNETCORE_FORWARDEDHEADERS_ENABLED": "true",
              "HTTP_PORTS": "{web.bindings.http.targetPort}",
              "GRPC_PORT": "{web.bindings.grpc.targetPort}",
              "MANAGEMENT_PORT": "{web.bindings.management.targetPort}"
            }
            """,
            project["env"]!);
    }

    [Fact]
    public async Task A_program_is_described_with_its_arguments_and_a_folder_relative_to_the_manifest()
    {
        var program = await ResourceAsync("tool", builder => builder
            .AddExecutable("tool", "python3", Path.Combine(SampleProjects.Root, "Registry"), "-m", "http.server")
            .WithHttpEndpoint(targetPort: 8766, port: 8765));

        AssertJson(
            """
            {
              "type": "executable.v0", "workingDirectory": "../Registry", "command": "python3", "args": ["-m", "http.server"],
              "bindings": { "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "port": 8765, "targetPort": 8766 } }
            }
            """,
            program);
    }

    [Fact]
    public async Task A_generated_value_is_described_and_not_made()
    {
        var word = await ResourceAsync("word", builder => builder.AddParameter(
            "word", new GenerateParameterDefault { MinLength = 32, Special = false, MinUpper = 2 }, secret: true, persist: true));

        AssertJson(
            """
            {
              "type": "parameter.v0", "value": "{word.inputs.value}",
              "inputs": { "value": { "type": "string", "secret": true, "default": { "generate": { "minLength": 32, "special": false, "minUpper": 2 } } } }
            }
            """,
            word);
    }

    [Fact]
    public async Task What_is_excluded_does_not_stand_in_it()
    {
        var manifest = await ManifestAsync(builder => builder.AddKubernetesEnvironment("k8s").WithDashboard(false).ExcludeFromManifest());

        AssertJson("{}", manifest);
    }

    [Fact]
    public async Task A_known_value_is_published_only_where_that_was_said()
    {
        var published = await ResourceAsync("word", builder => builder.AddParameter("word", "a", publishValueAsDefault: true));
        var kept = await ResourceAsync("word", builder => builder.AddParameter("word", "a"));

        AssertJson("""{ "type": "string", "default": { "value": "a" } }""", published["inputs"]!["value"]!);
        AssertJson("""{ "type": "string" }""", kept["inputs"]!["value"]!);
        Assert.Throws<ArgumentException>(() => new ModelStage().Builder.AddParameter("word", "a", publishValueAsDefault: true, secret: true));
    }

    [Fact]
    public async Task Redis_is_a_container_with_a_password_of_its_own()
    {
        var manifest = await ManifestAsync(builder => builder.AddRedis("cache"));

        AssertJson(
            """
            {
              "cache-password": {
                "type": "parameter.v0", "value": "{cache-password.inputs.value}",
                "inputs": { "value": { "type": "string", "secret": true, "default": { "generate": { "minLength": 22, "special": false } } } }
              },
              "cache": {
                "type": "container.v0", "connectionString": "{cache.bindings.tcp.host}:{cache.bindings.tcp.port},password={cache-password.value}",
                "image": "docker.io/library/redis:8.6", "entrypoint": "/bin/sh", "args": ["-c", "redis-server --requirepass $REDIS_PASSWORD"],
                "env": { "REDIS_PASSWORD": "{cache-password.value}" },
                "bindings": { "tcp": { "scheme": "tcp", "protocol": "tcp", "transport": "tcp", "targetPort": 6379 } }
              }
            }
            """,
            manifest);
    }

    [Fact]
    public async Task The_older_form_of_the_arguments_writes_the_same()
    {
        var builder = DistributedApplication.CreateBuilder(["--publisher", "manifest", "--output-path", _stage.Output]);
        builder.AddParameter("word");

        await builder.Build().RunAsync(TestContext.Current.CancellationToken);

        Assert.NotNull(JsonNode.Parse(await _stage.ReadAsync("aspire-manifest.json"))!["resources"]!["word"]);
    }

    private static void AssertJson(string expected, JsonNode actual) => Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual.ToJsonString());

    private async Task<JsonNode> ResourceAsync(string name, Action<IDistributedApplicationBuilder> describe) => (await ManifestAsync(describe))[name]!;

    private async Task<JsonNode> ManifestAsync(Action<IDistributedApplicationBuilder> describe)
    {
        Assert.Equal(0, await _stage.PublishAsync(describe, "publish-manifest"));
        return JsonNode.Parse(await _stage.ReadAsync("aspire-manifest.json"))!["resources"]!;
    }
}
