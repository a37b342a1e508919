using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sluice.Contracts;
using Sluice.Registry.Tests.Onnx;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>A version is registered whole, or refused with the reason and nothing kept.</summary>
public sealed class RegistrationTests(SharedRegistry registry)
{
    private static readonly byte[] Valid = OnnxModels.Scale(2, -1, 3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_raw_body_becomes_the_next_version_with_signature_and_digest()
    {
        var model = Calls.NewModel();
        using var answer = await registry.Http.UploadAsync(model, Calls.Raw(OnnxModels.Classifier()));

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        var digest = VersionDigest.FromHash(SHA256.HashData(OnnxModels.Classifier()));
        Assert.Equal((model, 1, "model.onnx", 17L), (version.Model, version.Version, version.ModelPath, version.Opset));
        Assert.Equal([new ModelFile("model.onnx", digest, OnnxModels.Classifier().Length)], version.Files);
        Assert.Equal(VersionDigest.Of(version.Files), version.Digest);
        Assert.Equal(["label", "probabilities"], version.Signature.Outputs.Select(output => output.Name));
        Assert.InRange(version.CreatedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.Equal($"/api/models/{model}/versions/1", answer.Headers.Location?.OriginalString);
        Assert.Equivalent(version, await registry.Http.GetAsync(answer.Headers.Location!.OriginalString, ContractsJson.Default.ModelVersion));
    }

    [Fact]
    public async Task Parts_carry_metadata_and_files_with_their_paths()
    {
        var (onnx, weights) = OnnxModels.ExternalData("data/weights.bin", 1, 2, 3);
        using var body = Calls.Parts(
            """
            {"description": "three numbers", "labels": ["a", "b"], "metrics": {"accuracy": 0.5}, "tags": {"team": "red"},
             "settings": {"maxBatchSize": 8, "maxQueueDelayMs": 2.5, "preferredBatchSizes": [2, 4], "instances": 2},
             "signature": {"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}], "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 3]}]}}
            """,
            ("net/model.onnx", onnx), ("net/data/weights.bin", weights), ("README.md", "read me"u8.ToArray()));

        using var answer = await registry.Http.UploadAsync(Calls.NewModel(), body);

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.Equal("net/model.onnx", version.ModelPath);
        Assert.Equal(["README.md", "net/data/weights.bin", "net/model.onnx"], version.Files.Select(file => file.Path));
        Assert.Equal("three numbers", version.Description);
        Assert.Equal(["a", "b"], version.Labels);
        Assert.Equal(0.5, version.Metrics["accuracy"]);
        Assert.Equal("red", version.Tags["team"]);
        Assert.Equal((8, 2.5, 2, (bool?)null), (version.Settings!.MaxBatchSize, version.Settings.MaxQueueDelayMs, version.Settings.Instances, version.Settings.Batching));
        Assert.Equal([2, 4], version.Settings.PreferredBatchSizes!);
        Assert.Equal(weights, await registry.Http.GetByteArrayAsync(ApiPaths.ForBlob(version.Files[1].Digest), Token));
    }

    [Fact]
    public async Task Metadata_may_leave_everything_out()
    {
        using var answer = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts("{}", ("model.onnx", Valid)));

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.Null(version.Description);
        Assert.Empty(version.Labels);
        Assert.Empty(version.Metrics);
        Assert.Empty(version.Tags);
        Assert.Null(version.Settings);
    }

    [Fact]
    public async Task Uploads_at_once_get_numbers_of_their_own_without_gaps()
    {
        var model = Calls.NewModel();

        var versions = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => registry.Http.RegisterAsync(model, OnnxModels.Scale(i, -1))));

        Assert.Equal(Enumerable.Range(1, 12), versions.Select(version => version.Version).Order());
        var listed = await registry.Http.GetAsync($"/api/models/{model}/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.Equal(Enumerable.Range(1, 12), listed.Select(version => version.Version)); // by number: 2 before 10
        Assert.Equal(12, listed.Select(version => version.Digest).Distinct().Count());
    }

    [Fact]
    public async Task Models_are_listed_with_what_serves()
    {
        var (idle, serving) = (Calls.NewModel(), Calls.NewModel());
        await registry.Http.RegisterAsync(idle, Valid);
        await registry.Http.RegisterAsync(serving, Valid);
        await registry.Http.ServeAsync(serving, 1);

        var models = await registry.Http.GetAsync(ApiPaths.Models + "?limit=1000", ContractsJson.Default.IReadOnlyListModelView);

        Assert.Null(models.Single(model => model.Name == idle).Serving);
        Assert.Equal(1, models.Single(model => model.Name == serving).Serving?.Stable);
        Assert.Equivalent(models.Single(model => model.Name == serving), await registry.Http.GetAsync($"/api/models/{serving}", ContractsJson.Default.ModelView));
    }

    [Theory]
    [InlineData("a/model.onnx", "MLmodel")]
    [InlineData("model/model.onnx", "model/MLmodel", "model/conda.yaml")]
    [InlineData("other.onnx")]
    [InlineData("deep/Some.ONNX", "notes.txt")]
    [InlineData("model.onnx", "other.onnx")]
    public async Task The_graph_is_found_at_the_root_or_one_folder_below(string graph, params string[] others)
    {
        (string, byte[])[] files = [(graph, Valid), .. others.Select(path => (path, "x"u8.ToArray()))];

        using var answer = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts(null, files));

        Assert.Equal(graph, (await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion)).ModelPath);
    }

    [Theory]
    [InlineData("MLmodel", "data: net/graphs/a.onnx")]
    [InlineData("net/MLmodel", "    data: 'graphs/a.onnx'   ")]
    [InlineData("MLmodel", "flavors:\r\n  onnx:\r\n    data: ./net/graphs/a.onnx\r\n  other:\r\n    data: x.onnx\r\n")]
    public async Task An_MLmodel_file_names_the_graph(string mlModel, string text)
    {
        using var body = Calls.Parts(null, (mlModel, Encoding.UTF8.GetBytes(text)), ("net/graphs/a.onnx", Valid), ("model.onnx", "not this one"u8.ToArray()));

        using var answer = await registry.Http.UploadAsync(Calls.NewModel(), body);

        Assert.Equal("net/graphs/a.onnx", (await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion)).ModelPath);
    }

    [Theory]
    [InlineData("notes.txt", "model.onnx", "one folder below", "notes.txt")]
    [InlineData("a/b/model.onnx", "MLmodel", "a/b/model.onnx")]
    public async Task An_artifact_without_a_graph_says_what_was_looked_for_where(string path, params string[] words) =>
        await AssertRefusedAsync(422, Calls.Parts(null, (path, Valid)), words);

    [Fact]
    public async Task An_artifact_with_several_graphs_names_them() =>
        await AssertRefusedAsync(422, Calls.Parts(null, ("a.onnx", Valid), ("b.onnx", Valid)), "several graphs", "a.onnx", "b.onnx");

    [Fact]
    public async Task What_is_no_model_is_refused_with_the_reason()
    {
        await AssertRefusedAsync(422, Calls.Raw([]), "model.onnx", "empty");
        await AssertRefusedAsync(422, Calls.Raw("garbage, and no model"u8.ToArray()), "no ONNX model");
        await AssertRefusedAsync(422, Calls.Raw(Valid[..^30]), "truncated");
        await AssertRefusedAsync(422, Calls.Raw(OnnxModels.NoInputs()), "no inputs");
        await AssertRefusedAsync(422, Calls.Raw(new OnnxGraph().Input("x", Datatype.Fp32, 1).ToModel()), "no outputs");
        await AssertRefusedAsync(422, Calls.Raw(Hostile.Bytes(model => model.Int(1, 8))), "no graph");
        await AssertRefusedAsync(422, Calls.Raw(Hostile.DeepGraphs(1000)), "nests deeper");
    }

    [Theory]
    [InlineData("../weights.bin", "'..'")]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("a/../../weights.bin", "'..'")]
    [InlineData("..\\weights.bin", "\\")]
    [InlineData("C:\\weights.bin", "\\")]
    [InlineData("weights.bin", "not among the files")]
    [InlineData("", "no name")]
    public async Task External_data_that_leaves_the_folder_or_is_missing_is_refused(string location, string reason) =>
        await AssertRefusedAsync(422, Calls.Parts(null, ("model.onnx", Hostile.External(("location", location))), ("other.bin", [1])), reason, location);

    [Fact]
    public async Task External_data_is_checked_wherever_the_tensor_is()
    {
        foreach (var (place, model) in Hostile.ExternalTensors("../../secret"))
        {
            using var answer = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Raw(model));
            Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity, place);
        }
    }

    [Fact]
    public async Task External_data_must_be_as_long_as_the_graph_says()
    {
        var model = Hostile.External(("location", "w.bin"), ("offset", "20"), ("length", "10"));
        await AssertRefusedAsync(422, Calls.Parts(null, ("model.onnx", model), ("w.bin", new byte[29])), "29 bytes", "refers to 30");
        await AssertRefusedAsync(422, Calls.Raw(Hostile.External(("offset", "20"))), "does not say in which");
        await AssertRefusedAsync(422, Calls.Raw(Hostile.External(("location", "w"), ("length", "-1"))), "length '-1'");
        await AssertRefusedAsync(422, Calls.Raw(Hostile.External(("location", "w"), ("offset", $"{long.MaxValue}"), ("length", "1"))), "past any file's end");

        using var long_enough = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts(null, ("model.onnx", model), ("w.bin", new byte[30])));
        Assert.Equal(HttpStatusCode.Created, long_enough.StatusCode);
    }

    [Theory]
    [InlineData("x", "FP64", "[-1, 3]", "'x' FP32 [-1, 3]", "'x' FP64 [-1, 3]")]
    [InlineData("x", "FP32", "[-1, 4]", "'x' FP32 [-1, 3]", "'x' FP32 [-1, 4]")]
    [InlineData("z", "FP32", "[-1, 3]", "'x' FP32 [-1, 3]", "has it not")]
    public async Task A_given_signature_that_differs_is_refused_with_the_difference(string name, string datatype, string shape, params string[] words) =>
        await AssertRefusedAsync(
            422,
            Calls.Parts(
                $$$"""
                {"signature": {"inputs": [{"name": "{{{name}}}", "datatype": "{{{datatype}}}", "shape": {{{shape}}} }],
                               "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 3]}]}}
                """,
                ("model.onnx", Valid)),
            words);

    [Fact]
    public async Task A_given_signature_with_a_tensor_too_many_is_refused() => await AssertRefusedAsync(
        422,
        Calls.Parts(
            """
            {"signature": {"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}],
                           "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 3]}, {"name": "q", "datatype": "FP32", "shape": []}]}}
            """,
            ("model.onnx", Valid)),
        "output 'q' FP32 []", "not in the graph");

    [Theory]
    [InlineData("with space")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("naïve")]
    [InlineData("123456789-123456789-123456789-123456789-123456789-123456789-123456789-123456789-123456789-123456789-1")]
    public async Task A_name_that_breaks_the_rule_is_refused_with_the_rule(string name)
    {
        using var answer = await registry.Http.UploadAsync(name.Replace(".", "%2E", StringComparison.Ordinal), Calls.Raw(Valid));

        // Dots that are escaped twice arrive as such; whatever arrives, no model comes of it.
        await Calls.AssertProblemAsync(answer, 400, ModelName.Rule);
    }

    [Fact]
    public async Task What_is_not_there_is_told()
    {
        var model = Calls.NewModel();
        foreach (var path in new[] { $"/api/models/{model}", $"/api/models/{model}/versions", $"/api/models/{model}/versions/1" })
        {
            using var answer = await registry.Http.GetAsync(path, Token);
            await Calls.AssertProblemAsync(answer, 404, model);
        }

        using var odd = await registry.Http.GetAsync($"/api/models/{model}/versions/one", Token);
        await Calls.AssertProblemAsync(odd, 400, "version", "'one'", "whole number");
    }

    private async Task AssertRefusedAsync(int status, HttpContent body, params string[] words)
    {
        var model = Calls.NewModel();
        using (body)
        {
            using var answer = await registry.Http.UploadAsync(model, body);
            await Calls.AssertProblemAsync(answer, status, words);
        }

        using var kept = await registry.Http.GetAsync($"/api/models/{model}", Token);
        Assert.Equal(HttpStatusCode.NotFound, kept.StatusCode);
    }
}
