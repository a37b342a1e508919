using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Samples;

/// <summary>The script for pipelines, run as a pipeline runs it.</summary>
public sealed class DeployScriptTests : IAsyncLifetime
{
    private static readonly string Digest = VersionDigest.Prefix + new string('a', 64);

    private readonly TemporaryFolder _folder = new();
    private RunningRegistry _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _registry = new RunningRegistry(settings: new() { ["Registry:ReplicaExpiry"] = "01:00:00" });
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_first_version_serves_and_a_later_one_that_is_rolled_back_fails_the_pipeline_with_the_reason()
    {
        Assert.SkipUnless(HasProgram("curl") && HasProgram("jq"), "curl and jq are needed");
        var model = Calls.NewModel();
        var (onnx, weights) = OnnxModels.ExternalData("data/a file.bin", 1, 2, 3);
        Directory.CreateDirectory(_folder.PathOf("model", "data"));
        await File.WriteAllBytesAsync(_folder.PathOf("model", "model.onnx"), onnx, Token);
        await File.WriteAllBytesAsync(_folder.PathOf("model", "data", "a file.bin"), weights, Token);
        await File.WriteAllTextAsync(_folder.PathOf("version.json"), """{"description": "from a pipeline"}""", Token);

        var (first, firstOutput) = await RunAsync(model, _folder.PathOf("model"), _folder.PathOf("version.json"));
        Assert.True(first == 0, firstOutput);
        Assert.Contains("version 1 is the first to serve", firstOutput, StringComparison.Ordinal);
        var version = await _registry.Http.GetAsync(ApiPaths.ForVersion(model, 1), ContractsJson.Default.ModelVersion);
        Assert.Equal("from a pipeline", version.Description);
        Assert.Equal(["data/a file.bin", "model.onnx"], version.Files.Select(file => file.Path));

        // No replica of the canary pool has the second version in time.
        await ReportAsync("s1", Pools.Stable, model, 1);
        var (second, secondOutput) = await RunAsync(model, _folder.PathOf("model"));
        Assert.True(second == 1, secondOutput);
        Assert.Contains($"rollout {model}.1", secondOutput, StringComparison.Ordinal);
        Assert.Contains("RolledBack: ", secondOutput, StringComparison.Ordinal);

        // All have the third, and a person promotes it.
        await ReportAsync("s1", Pools.Stable, model, 1, 3);
        await ReportAsync("c1", Pools.Canary, model, 3);
        var promoting = PromoteAsync($"{model}.2");
        var (third, thirdOutput) = await RunAsync(model, _folder.PathOf("model"));
        Assert.True(third == 0, thirdOutput);
        Assert.Contains("Promoted: ", thirdOutput, StringComparison.Ordinal);
        await promoting;
    }

    [Fact]
    public async Task A_folder_that_is_no_model_is_refused_with_the_Registrys_words()
    {
        Assert.SkipUnless(HasProgram("curl") && HasProgram("jq"), "curl and jq are needed");
        Directory.CreateDirectory(_folder.PathOf("model"));
        await File.WriteAllTextAsync(_folder.PathOf("model", "readme.txt"), "nothing", Token);

        var (code, output) = await RunAsync(Calls.NewModel(), _folder.PathOf("model"));

        Assert.True(code == 2, output);
        Assert.Contains("was refused (422): The artifact has no ONNX graph", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        await using var script = ChildProcess.Start(
            Repository.PathOf("samples", "ci", "sluice-deploy.sh"),
            arguments,
            new Dictionary<string, string?>
            {
                ["SLUICE_URL"] = _registry.Http.BaseAddress!.AbsoluteUri.TrimEnd('/'),
                ["SLUICE_ROLLOUT"] = """{"profile": "development", "prepareTimeoutSeconds": 5}""",
                ["SLUICE_TIMEOUT"] = "60",
            });
        var code = await script.WaitForExitAsync(TimeSpan.FromSeconds(90));
        return (code, script.Output);
    }

    private Task ReportAsync(string id, string pool, string model, params int[] versions) => _registry.Client.ReportReplicaAsync(
        id, Calls.Replica(pool, [.. versions.Select(version => new ReplicaVersion(model, version, Digest, VersionState.Ready))]), Token);

    private Task PromoteAsync(string id) => Eventually.BecomesTrueAsync(
        async () =>
        {
            using var look = await _registry.Http.GetAsync(ApiPaths.ForRollout(id), Token);
            if (!look.IsSuccessStatusCode)
            {
                return false;
            }

            var rollout = await Calls.ReadAsync(look, System.Net.HttpStatusCode.OK, ContractsJson.Default.Rollout);
            using var order = await _registry.Http.PostAsync(
                $"{ApiPaths.ForRollout(id)}/promote", Calls.Json($$"""{"generation": {{rollout.Generation}}, "reason": "a hotfix"}"""), Token);
            return order.IsSuccessStatusCode;
        },
        TimeSpan.FromSeconds(60));

    private static bool HasProgram(string name) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name)));
}
