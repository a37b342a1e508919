using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.OpenApi;
using Sluice.Testing;

namespace Sluice.Registry.Tests.OpenApi;

/// <summary>The OpenAPI document, and the copy of it that readers and generators of clients find in the repository.</summary>
public sealed class DocumentTests(SharedRegistry registry)
{
    private const string Update = "SLUICE_UPDATE_OPENAPI";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_is_the_one_in_the_repository()
    {
        var file = Repository.PathOf("docs", "openapi", "registry.json");
        var document = JsonNode.Parse(await registry.Http.GetStringAsync(ApiPaths.Document, Token))!;
        var text = document.ToJsonString(Readable).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, Token);
        }

        var written = File.Exists(file) ? await File.ReadAllTextAsync(file, Token) : "";
        Assert.True(
            JsonNode.DeepEquals(document, written.Length == 0 ? null : JsonNode.Parse(written)),
            $"The API is not as docs/openapi/registry.json says. If that is meant, write it anew and look at the difference: {Update}=1 dotnet test --project tests/Registry.Tests --filter-class '*DocumentTests'");
    }

    [Fact]
    public void Every_endpoint_is_described_and_every_description_has_its_endpoint()
    {
        var endpoints = registry.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText != ApiPaths.Document)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
                .Where(method => method != "HEAD").Select(method => $"{method} {endpoint.RoutePattern.RawText}"));

        Assert.Equal(
            endpoints.Order(StringComparer.Ordinal),
            ApiOperations.All.Select(operation => $"{operation.Method} {operation.Path}").Order(StringComparer.Ordinal)); // a row for it in Registry/OpenApi/ApiOperations.cs
    }

    [Fact]
    public async Task Every_operation_says_what_it_is_what_it_answers_and_what_it_needs()
    {
        var document = JsonElement.Parse(await registry.Http.GetStringAsync(ApiPaths.Document, Token));
        var ids = new HashSet<string?>();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var (method, operation) in path.Value.EnumerateObject().Select(property => (property.Name, property.Value)))
            {
                var name = $"{method} {path.Name}";
                Assert.True(ids.Add(operation.GetProperty("operationId").GetString()), name);
                Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
                Assert.True(operation.GetProperty("responses").TryGetProperty("default", out _), name);
                var parameters = operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray().Select(each => each.GetProperty("name").GetString()).ToList() : [];
                var inPath = path.Name.Split('{').Skip(1).Select(part => part[..part.IndexOf('}', StringComparison.Ordinal)]);
                Assert.All(inPath, parameter => Assert.Contains(parameter, parameters));
            }
        }

        Assert.Equal(ApiOperations.All.Count, ids.Count);
    }

    [Theory]
    [InlineData("/api/models/none", HttpStatusCode.NotFound, "urn:sluice:problem:not-found")]
    [InlineData("/api/nothing", HttpStatusCode.NotFound, "urn:sluice:problem:not-found")]
    [InlineData("/api/models?limit=none", HttpStatusCode.BadRequest, "urn:sluice:problem:invalid-request")]
    [InlineData("/api/watch?after=none", HttpStatusCode.BadRequest, "urn:sluice:problem:invalid-request")]
    public async Task Problems_have_types_that_programs_can_rely_on(string path, HttpStatusCode status, string type)
    {
        using var answer = await registry.Http.GetAsync(path, Token);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(type, JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_refused_change_has_its_type_and_its_facts()
    {
        var model = Calls.NewModel();
        await registry.Http.RegisterAsync(model, OnnxModels.Scale(2, -1));
        await registry.Http.ServeAsync(model, 1);

        using var answer = await registry.Http.ServeAsync(model, """{"stable": 1, "generation": 99}""");

        var problem = await Calls.AssertProblemAsync(answer, 409, "generation");
        Assert.Equal("urn:sluice:problem:conflict", problem.GetProperty("type").GetString());
        Assert.Equal(1, problem.GetProperty("generation").GetInt64());
    }
}
