using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>Golden vectors are checked against the signature, and kept beside the version.</summary>
public sealed class GoldenTests(SharedRegistry registry)
{
    private static readonly byte[] Scale = OnnxModels.Scale(2, -1, 3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Vectors_of_the_metadata_are_a_file_of_the_version_in_one_form()
    {
        var version = await RegisterAsync(
            """
            {"golden": [{"inputs": {"x": {"shape": [1, 3], "data": [1, 2, 3]}}, "outputs": {"y": [[2, 4, 6.0]]}, "tolerance": 0.5},
                        {"inputs": {"x": [[0, 0, 0], [1, 1, 1]]}, "outputs": {"y": [[0, 0, 0], [2, 2, 2]]}, "tolerance": {"relative": 0.25}}]}
            """);

        var file = version.Golden!;
        var bytes = await registry.Http.GetByteArrayAsync(ApiPaths.ForBlob(file.Digest), Token);
        Assert.Equal(("golden.json", bytes.Length), (file.Path, file.Size));
        Assert.Equal(
            """[{"inputs":{"x":{"shape":[1,3],"data":[1,2,3]}},"outputs":{"y":{"shape":[1,3],"data":[2,4,6.0]}},"tolerance":{"absolute":0.5,"relative":0.5}},"""
            + """{"inputs":{"x":{"shape":[2,3],"data":[0,0,0,1,1,1]}},"outputs":{"y":{"shape":[2,3],"data":[0,0,0,2,2,2]}},"tolerance":{"absolute":0.0001,"relative":0.25}}]""",
            Encoding.UTF8.GetString(bytes));
        var vectors = JsonSerializer.Deserialize(bytes, ContractsJson.Default.IReadOnlyListGoldenVector)!;
        Assert.Equal([2, 3], vectors[1].Inputs["x"].Shape);
        Assert.Equal(VersionDigest.Of(version.Files), version.Digest);
        Assert.DoesNotContain(version.Warnings, warning => warning.Code == WarningCodes.NoGolden);
    }

    [Theory]
    [InlineData("golden.json", "model.onnx")]
    [InlineData("net/golden.json", "net/model.onnx")]
    [InlineData("golden.json", "net/model.onnx")]
    [InlineData("test/golden.json", "model.onnx")]
    public async Task A_file_of_the_artifact_is_taken_when_the_metadata_has_none(string path, string graph)
    {
        using var body = Calls.Parts(null, (graph, Scale), (path, """{"inputs": {"x": [[1, 2, 3]]}, "outputs": {"y": [[2, 4, 6]]}}"""u8.ToArray()));
        using var answer = await registry.Http.UploadAsync(Calls.NewModel(), body);

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.NotNull(version.Golden);
        Assert.Equal(2, version.Files.Count);
    }

    [Theory]
    [InlineData("""5""", "golden", "expected")]
    [InlineData("""[]""", "golden", "1 to 100")]
    [InlineData("""[{}]""", "golden[0].inputs", "missing")]
    [InlineData("""[{"inputs": {}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "missing")]
    [InlineData("""[{"inputs": {"x": [[1,2,3]]}, "outputs": {}}]""", "golden[0].outputs.y", "missing")]
    [InlineData("""[{"inputs": {"x": [[1,2,3]], "z": [1]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.z", "it has x")]
    [InlineData("""[{"inputs": {"x": [[1,2,3]], "x": [[1,2,3]]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "twice")]
    [InlineData("""[{"inputs": {"x": [[1,2]]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "[1, 2]", "[-1, 3]")]
    [InlineData("""[{"inputs": {"x": [1,2,3]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "[3]")]
    [InlineData("""[{"inputs": {"x": []}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "[0]")]
    [InlineData("""[{"inputs": {"x": [[1,2,3],[1,2]]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x[1]", "3 elements")]
    [InlineData("""[{"inputs": {"x": [[1,2,3],4]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x[1]", "array")]
    [InlineData("""[{"inputs": {"x": [[1,2,[3]]]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x[0][2]", "finite number")]
    [InlineData("""[{"inputs": {"x": [[1,2,"3"]]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x[0][2]", "finite number")]
    [InlineData("""[{"inputs": {"x": [[1,2,1e39]]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x[0][2]", "FP32")]
    [InlineData("""[{"inputs": {"x": {"shape": [2,3], "data": [1,2,3]}}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "6 elements", "3")]
    [InlineData("""[{"inputs": {"x": {"shape": [4611686018427387904,3], "data": [1]}}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "has 1")]
    [InlineData("""[{"inputs": {"x": {"shape": [1,3], "data": [1,2,null]}}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x.data[2]")]
    [InlineData("""[{"inputs": {"x": {"shape": [-1,3], "data": [1,2,3]}}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x.shape[0]")]
    [InlineData("""[{"inputs": {"x": {"shape": [1,3]}}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x.data")]
    [InlineData("""[{"inputs": {"x": {"shape": [1,3], "data": [1,2,3], "datatype": "FP32"}}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs.x", "neither")]
    [InlineData("""[{"inputs": {"x": [[1,2,3]]}, "outputs": {"y": [[1,2,3]]}, "tolerance": -1}]""", "golden[0].tolerance", "from 0")]
    [InlineData("""[{"inputs": {"x": [[1,2,3]]}, "outputs": {"y": [[1,2,3]]}, "tolerance": {"absolut": 1}}]""", "golden[0].tolerance.absolut")]
    [InlineData("""[{"inputs": {"x": [[1,2,3]]}, "outputs": {"y": [[1,2,3]]}, "rtol": 1}]""", "golden[0].rtol")]
    [InlineData("""[{"inputs": {"\ud800": [[1,2,3]]}, "outputs": {"y": [[1,2,3]]}}]""", "golden[0].inputs", "Unicode")]
    public async Task Vectors_that_do_not_fit_are_refused_at_their_place(string golden, params string[] words)
    {
        var model = Calls.NewModel();
        using var told = await registry.Http.UploadAsync(model, Calls.Parts($$"""{"golden": {{golden}}}""", ("model.onnx", Scale)));
        await Calls.AssertProblemAsync(told, 422, words);
        using var file = await registry.Http.UploadAsync(model, Calls.Parts(null, ("model.onnx", Scale), ("golden.json", Encoding.UTF8.GetBytes(golden))));
        await Calls.AssertProblemAsync(file, 422, [.. words.Select(word => word.Replace("golden", "golden.json", StringComparison.Ordinal))]);
        using var nothing = await registry.Http.GetAsync($"/api/models/{model}", Token);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Theory]
    [InlineData("not json", "golden.json", "line 1")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "golden.json")]
    public async Task A_file_that_is_no_json_is_refused(string text, params string[] words)
    {
        using var answer = await registry.Http.UploadAsync(
            Calls.NewModel(), Calls.Parts(null, ("model.onnx", Scale), ("golden.json", Encoding.UTF8.GetBytes(text))));
        await Calls.AssertProblemAsync(answer, 422, words);
    }

    [Fact]
    public async Task Vectors_that_are_too_large_are_refused()
    {
        var large = $$"""{"inputs": {"x": [[1,2,3]]}, "outputs": {"y": [[1,2,3]]}, "x": "{{new string('x', 5 << 20)}}"}""";
        using var file = await registry.Http.UploadAsync(
            Calls.NewModel(), Calls.Parts(null, ("model.onnx", Scale), ("golden.json", Encoding.UTF8.GetBytes(large))));
        await Calls.AssertProblemAsync(file, 422, "golden.json", "4 MiB");
        using var told = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts($$"""{"golden": {{large}}}""", ("model.onnx", Scale)));
        await Calls.AssertProblemAsync(told, 400, "metadata", "longer");
    }

    [Theory]
    [InlineData(Datatype.Bool, "true", "1")]
    [InlineData(Datatype.UInt8, "255", "256")]
    [InlineData(Datatype.Int8, "-128", "-129")]
    [InlineData(Datatype.UInt16, "65535", "65536")]
    [InlineData(Datatype.Int16, "-32768", "32768")]
    [InlineData(Datatype.UInt32, "4294967295", "-1")]
    [InlineData(Datatype.Int32, "2147483647", "1.5")]
    [InlineData(Datatype.UInt64, "18446744073709551615", "18446744073709551616")]
    [InlineData(Datatype.Int64, "-9223372036854775808", "9223372036854775808")]
    [InlineData(Datatype.Fp16, "65504", "65520")]
    [InlineData(Datatype.Bf16, "3.38e38", "3.4e38")]
    [InlineData(Datatype.Fp32, "3.4e38", "3.5e38")]
    [InlineData(Datatype.Fp64, "1.7e308", "1e309")]
    [InlineData(Datatype.Bytes, "\"text\"", "\"\\ud800\"")]
    public async Task Every_value_must_fit_its_datatype(string datatype, string good, string bad)
    {
        var onnx = OnnxModels.Identity(datatype, -1);
        using var right = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts(Golden(good), ("model.onnx", onnx)));
        Assert.NotNull((await Calls.ReadAsync(right, HttpStatusCode.Created, ContractsJson.Default.ModelVersion)).Golden);
        using var wrong = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts(Golden(bad), ("model.onnx", onnx)));
        await Calls.AssertProblemAsync(wrong, 422, "golden.inputs.x[0]");

        static string Golden(string value) => $$$"""{"golden": {"inputs": {"x": [{{{value}}}]}, "outputs": {"y": [{{{value}}}]} } }""";
    }

    [Fact]
    public async Task The_sample_has_golden_vectors()
    {
        await using var development = new RunningRegistry(
            settings: new() { ["environment"] = "Development", ["Registry:SamplesDirectory"] = Repository.PathOf("samples") });

        var wine = await development.Http.GetAsync("/api/models/wine/versions/1", ContractsJson.Default.ModelVersion);

        Assert.NotNull(wine.Golden);
        Assert.Empty(wine.Warnings);
    }

    private async Task<ModelVersion> RegisterAsync(string metadata)
    {
        using var answer = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts(metadata, ("model.onnx", Scale)));
        return await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
    }
}
