using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>What a user sees in the first minutes: the printed line, both protocols, a replica that dies, the control plane that dies.</summary>
[Collection(nameof(SharedSluice))]
public sealed class FirstPredictionTests(RunningSluice sluice)
{
    private static readonly double[] Wine = [14.23, 1.71, 2.43, 15.6, 127.0, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065.0];

    [Fact]
    public async Task The_printed_curl_line_answers_the_label_and_the_probabilities()
    {
        await using var curl = ChildProcess.Start("bash", ["-c", sluice.CurlLine]);
        Assert.Equal(0, await curl.WaitForExitAsync(TimeSpan.FromSeconds(20)));

        var answer = JsonDocument.Parse(curl.Output).RootElement;
        Assert.Equal("wine", answer.GetProperty("model_name").GetString());
        Assert.Equal("1", answer.GetProperty("model_version").GetString());
        var outputs = answer.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!);
        Assert.Equal(0, Assert.Single(outputs["label"].GetProperty("data").EnumerateArray()).GetInt64());
        var probabilities = outputs["probabilities"].GetProperty("data").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        Assert.Equal(3, probabilities.Length);
        Assert.Equal(1, probabilities.Sum(), 1e-4);
    }

    [Fact]
    public async Task The_answers_match_the_golden_vectors_of_the_sample()
    {
        var golden = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.PathOf("samples", "wine", "1", "golden.json"))).RootElement;
        var rows = golden.GetProperty("inputs").GetProperty("features");
        var request = new { inputs = new[] { new { name = "features", shape = new[] { rows.GetArrayLength(), 13 }, datatype = "FP32", data = rows } } };

        using var answer = await sluice.Gateway.PostAsJsonAsync("/v2/models/wine/infer", request);

        var outputs = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("outputs").EnumerateArray()
            .ToDictionary(output => output.GetProperty("name").GetString()!, output => output.GetProperty("data").EnumerateArray().Select(value => value.GetDouble()).ToArray());
        var tolerance = golden.GetProperty("tolerance").GetDouble();
        var expected = golden.GetProperty("outputs");
        Assert.Equal(expected.GetProperty("label").EnumerateArray().Select(value => value.GetDouble()), outputs["label"]);
        var probabilities = expected.GetProperty("probabilities").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetDouble()).ToArray();
        Assert.Equal(probabilities.Length, outputs["probabilities"].Length);
        Assert.All(probabilities.Zip(outputs["probabilities"]), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    [Fact]
    public async Task Mlflow_clients_are_answered_on_invocations()
    {
        using var answer = await sluice.Gateway.PostAsJsonAsync("/models/wine/invocations", new { inputs = new[] { Wine } });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var predictions = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("predictions");
        Assert.Equal(0, predictions.GetProperty("label")[0].GetInt64());
    }

    [Fact]
    public async Task Every_replica_answers_grpc_where_it_says()
    {
        using var http = new HttpClient();
        var replicas = await sluice.ReplicasAsync();
        Assert.NotEmpty(replicas);
        foreach (var replica in replicas)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{replica.Status.GrpcAddress}/inference.GRPCInferenceService/ServerLive")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new("application/grpc") } },
            };
            using var answer = await http.SendAsync(request);

            Assert.Equal([0, 0, 0, 0, 2, 8, 1], await answer.Content.ReadAsByteArrayAsync()); // a message of two bytes: field 1 is true
        }
    }

    [Fact]
    public async Task The_digest_is_the_same_from_the_registry_to_the_answer()
    {
        var version = await sluice.Registry.GetFromJsonAsync("/api/models/wine/versions/1", ContractsJson.Default.ModelVersion);

        using var answer = await PredictAsync();

        Assert.Equal(version!.Digest, Assert.Single(answer.Headers.GetValues(SluiceHeaders.Digest)));
        Assert.Equal("1", Assert.Single(answer.Headers.GetValues(SluiceHeaders.Version)));
    }

    [Theory]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,13],"datatype":"FP32","data":[1,2]}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"inputs":[{"name":"other","shape":[1,13],"datatype":"FP32","data":[]}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"inputs":[""", HttpStatusCode.BadRequest)]
    [InlineData("", HttpStatusCode.BadRequest)]
    public async Task A_malformed_request_is_told_what_is_wrong(string body, HttpStatusCode status)
    {
        using var answer = await sluice.Gateway.PostAsync("/v2/models/wine/infer", new StringContent(body));

        Assert.Equal(status, answer.StatusCode);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString();
        Assert.False(string.IsNullOrWhiteSpace(error));
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_model_is_not_found()
    {
        using var answer = await sluice.Gateway.PostAsync("/v2/models/nothing/infer", new StringContent("{}"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Three_replicas_report_and_both_stable_ones_have_the_model_ready()
    {
        // The first of them is enough for the console's "ready"; the other follows.
        await Eventually.BecomesTrueAsync(async () => (await sluice.ReplicasAsync()).Count(HasWineReady) == 2);

        var replicas = await sluice.ReplicasAsync();
        Assert.All(replicas.Where(HasWineReady), replica => Assert.Equal(Pools.Stable, replica.Status.Pool));
        Assert.Single(replicas, replica => replica.Status.Pool == Pools.Canary);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    public async Task Management_paths_are_not_reachable_on_the_public_port(string path)
    {
        using var answer = await sluice.Gateway.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static bool HasWineReady(ReplicaView replica) =>
        replica.Status.Versions.Any(version => version is { Model: "wine", Version: 1, State: VersionState.Ready });

    private Task<HttpResponseMessage> PredictAsync() => sluice.Gateway.PostAsJsonAsync(
        "/v2/models/wine/infer", new { inputs = new[] { new { name = "features", shape = new[] { 1, 13 }, datatype = "FP32", data = Wine } } });
}

/// <summary>One running Sluice for the tests that leave it as it was.</summary>
[CollectionDefinition(nameof(SharedSluice))]
public sealed class SharedSluice : ICollectionFixture<RunningSluice>;
