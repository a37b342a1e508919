using System.Net;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Registry.Models;
using Sluice.Registry.Onnx;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>What will hurt later is said at registration.</summary>
public sealed class WarningTests(SharedRegistry registry)
{
    private const string Golden = """{"inputs": {"x": [[1, 2]]}, "outputs": {"y": [[1, 2]]}}""";

    public static TheoryData<string, byte[], string[]> Cases => new()
    {
        { WarningCodes.FixedBatch, OnnxModels.Identity(Datatype.Fp32, 1, 2), ["'x'", "fixed at 1"] },
        { WarningCodes.FixedBatch, OnnxModels.Identity(Datatype.Fp32), ["'x'", "no dimensions"] },
        { WarningCodes.NoLabels, OnnxModels.Classifier(), ["'probabilities'", "3 classes"] },
        { WarningCodes.NewOpset, Graph().ToModel(27), ["27", "26"] },
        { WarningCodes.OldOpset, Graph().ToModel(6), ["6", "7"] },
        { WarningCodes.CpuOperators, [.. Graph().ToModel(), .. Onnx.Hostile.Bytes(model => model.Message(7, graph => graph.Message(1, node => node.String(4, "Scaler").String(7, "ai.onnx.ml"))))], ["1 operator", "ai.onnx.ml"] },
        { WarningCodes.NoGolden, OnnxModels.Identity(Datatype.Fp32, -1, 2), ["golden"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_version_carries_its_warnings_from_registration_on(string code, byte[] onnx, string[] words)
    {
        var version = await registry.Http.RegisterAsync(Calls.NewModel(), onnx);

        var warning = Assert.Single(version.Warnings, warning => warning.Code == code);
        Assert.All(words, word => Assert.Contains(word, warning.Message, StringComparison.Ordinal));
        Assert.Equal(
            version.Warnings, (await registry.Http.GetAsync(ApiPaths.ForVersion(version.Model, 1), ContractsJson.Default.ModelVersion)).Warnings);
    }

    [Fact]
    public async Task What_is_as_it_should_be_has_no_warning()
    {
        using var answer = await registry.Http.UploadAsync(
            Calls.NewModel(), Calls.Parts($$"""{"golden": {{Golden}}}""", ("model.onnx", OnnxModels.Identity(Datatype.Fp32, -1, 2))));

        Assert.Empty((await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion)).Warnings);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task Labels_are_as_many_as_there_are_classes(int count, bool warns)
    {
        var labels = JsonSerializer.Serialize(new { labels = Enumerable.Range(0, count).Select(n => $"c{n}") });
        using var answer = await registry.Http.UploadAsync(Calls.NewModel(), Calls.Parts(labels, ("model.onnx", OnnxModels.Classifier())));

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.Equal(warns, version.Warnings.Any(warning => warning.Code == WarningCodes.LabelCount));
        Assert.DoesNotContain(version.Warnings, warning => warning.Code == WarningCodes.NoLabels);
    }

    [Theory]
    [InlineData(2L << 30, false)]
    [InlineData((2L << 30) + 1, true)]
    public void A_large_artifact_is_warned_of(long bytes, bool warns)
    {
        var onnx = OnnxReader.Read(new MemoryStream(Graph().ToModel()));

        Assert.Equal(warns, VersionWarnings.Find(onnx, bytes, [], hasGolden: true).Any(warning => warning.Code == WarningCodes.LargeArtifact));
    }

    private static OnnxGraph Graph() => new OnnxGraph().Input("x", Datatype.Fp32, -1).Output("y", Datatype.Fp32, -1).Node("Identity", ["x"], ["y"]);
}
