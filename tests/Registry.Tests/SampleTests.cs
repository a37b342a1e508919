using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests;

/// <summary>The samples of a development start.</summary>
public sealed class SampleTests
{
    private static readonly string Samples = Repository.PathOf("samples");

    [Fact]
    public async Task The_first_development_start_registers_the_samples_and_a_later_one_changes_nothing()
    {
        using var data = new TemporaryFolder();
        await using (var first = Start(data, Samples))
        {
            var wine = await first.Http.GetAsync("/api/models/wine/versions/1", ContractsJson.Default.ModelVersion);
            Assert.Equal(["class_0", "class_1", "class_2"], wine.Labels);
            Assert.Equal(new TensorSpec("features", Datatype.Fp32, [-1, 13]), wine.Signature.Inputs.Single(), SameTensor);
            Assert.Equal(["label", "probabilities"], wine.Signature.Outputs.Select(output => output.Name));
            Assert.True(wine.Metrics["accuracy"] > 0.9);

            await first.Http.RegisterAsync("wine", OnnxModels.Identity(Datatype.Fp32, -1));
            await first.Http.ServeAsync("wine", 6);
        }

        await using var second = Start(data, Samples);

        var view = await second.Http.GetAsync("/api/models/wine", ContractsJson.Default.ModelView);
        Assert.Equal(6, view.HighestVersion);
        Assert.Equal(6, view.Serving?.Stable);
        Assert.Equal(2, view.Serving?.Generation);
    }

    [Fact]
    public async Task Version_1_of_each_sample_serves_and_the_other_wines_wait_for_a_rollout()
    {
        using var data = new TemporaryFolder();
        await using var registry = Start(data, Samples);

        var models = await registry.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView);
        Assert.Equal([("digits", 1, 1), ("iris", 1, 1), ("wine", 5, 1)], models.Select(model => (model.Name, model.HighestVersion, model.Serving?.Stable ?? 0)).Order());
        Assert.All(models, model => Assert.Equal([1], model.Serving!.Assignments.Select(assignment => assignment.Version).Distinct()));
    }

    [Fact]
    public async Task All_wines_have_one_signature_and_each_sample_says_what_it_is_for()
    {
        using var data = new TemporaryFolder();
        await using var registry = Start(data, Samples);
        var wines = await registry.Http.GetAsync("/api/models/wine/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        var iris = await registry.Http.GetAsync("/api/models/iris/versions/1", ContractsJson.Default.ModelVersion);
        var digits = await registry.Http.GetAsync("/api/models/digits/versions/1", ContractsJson.Default.ModelVersion);

        Assert.All(wines, wine => Assert.Equivalent(wines[0].Signature, wine.Signature, strict: true));
        Assert.All(wines, wine => Assert.Equal(wines[0].Labels, wine.Labels));
        Assert.Equal(new TensorSpec("features", Datatype.Fp32, [-1, 4]), iris.Signature.Inputs.Single(), SameTensor);
        Assert.Equal(["setosa", "versicolor", "virginica"], iris.Labels);
        Assert.Equal(new TensorSpec("features", Datatype.Fp32, [-1, 64]), digits.Signature.Inputs.Single(), SameTensor);
        Assert.Equal(10, digits.Labels.Count);
        Assert.All([iris, digits, .. wines], version =>
        {
            Assert.False(string.IsNullOrEmpty(version.Description));
            Assert.Equal(["accuracy", "f1_macro", "log_loss"], version.Metrics.Keys.Order());
            Assert.NotNull(version.Golden);
            Assert.Empty(version.Warnings);
        });
        Assert.All(wines.Skip(2), wine => Assert.Contains("trying rollouts out", wine.Description, StringComparison.Ordinal));
        Assert.Equal([null, null, "slow", "fails", "wrong"], wines.Select(wine => wine.Tags.GetValueOrDefault("rollout")));
    }

    [Fact]
    public async Task Versions_are_registered_in_their_order_and_a_broken_sample_is_passed_over()
    {
        using var samples = new TemporaryFolder();
        await WriteAsync(samples, OnnxModels.Scale(2, -1), "good", "1");
        await WriteAsync(samples, OnnxModels.Scale(10, -1), "good", "10");
        await WriteAsync(samples, OnnxModels.Scale(3, -1), "good", "2");
        await WriteAsync(samples, [1, 2, 3], "broken", "1");
        await File.WriteAllTextAsync(samples.PathOf("good", "2", "version.json"), """{"description": "second"}""", TestContext.Current.CancellationToken);

        using var data = new TemporaryFolder();
        await using var registry = Start(data, samples.Path);

        var versions = await registry.Http.GetAsync("/api/models/good/versions", ContractsJson.Default.IReadOnlyListModelVersion);
        Assert.Equal([1, 2, 3], versions.Select(version => version.Version));
        Assert.Equal([null, "second", null], versions.Select(version => version.Description));
        Assert.Equal(["good"], (await registry.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView)).Select(model => model.Name));
    }

    [Fact]
    public async Task In_production_no_samples_are_registered()
    {
        await using var registry = new RunningRegistry(settings: new()
        {
            ["environment"] = "Production", ["Registry:SamplesDirectory"] = Samples, ["Registry:Access"] = "open",
        });

        Assert.Empty(await registry.Http.GetAsync(ApiPaths.Models, ContractsJson.Default.IReadOnlyListModelView));
    }

    private static RunningRegistry Start(TemporaryFolder data, string samples) =>
        new(data.Path, new() { ["environment"] = "Development", ["Registry:SamplesDirectory"] = samples });

    private static bool SameTensor(TensorSpec left, TensorSpec right) =>
        left.Name == right.Name && left.Datatype == right.Datatype && left.Shape.SequenceEqual(right.Shape);

    private static Task WriteAsync(TemporaryFolder samples, byte[] model, string name, string version)
    {
        Directory.CreateDirectory(samples.PathOf(name, version));
        return File.WriteAllBytesAsync(samples.PathOf(name, version, "model.onnx"), model, TestContext.Current.CancellationToken);
    }
}
