using System.Net;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>The running system with <c>Access=keys</c>: nobody gets anything without a key, and the services know each other by their own.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Admin = "0123456789abcdefghijklmnopqrstuvwxyzABCD";

    private readonly RunningSluice _sluice = new(("Access", "keys"), ("Parameters__admin-token", Admin));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _sluice.InitializeAsync();

    public ValueTask DisposeAsync() => _sluice.DisposeAsync();

    [Fact]
    public async Task The_printed_lines_make_a_key_and_a_prediction_and_without_one_there_is_none()
    {
        using (var refused = await _sluice.Gateway.PostAsync("/v2/models/wine/infer", content: null, Token))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using (var refused = await _sluice.Registry.GetAsync("/api/models", Token))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        await _sluice.AppHost.WaitForOutputAsync("\"scopes\":[\"infer\"]", TimeSpan.FromSeconds(5));
        var lines = _sluice.AppHost.Output.Split('\n').Where(line => line.Contains("curl -s", StringComparison.Ordinal)).Select(line => line[line.IndexOf("curl", StringComparison.Ordinal)..]).ToArray();
        var key = await RunAsync(lines.Single(line => line.Contains("$ADMIN", StringComparison.Ordinal)), "primary", ("ADMIN", Admin));

        // The gateways hear of a new key by the watch, a moment after it was made.
        var prediction = lines.Single(line => line.Contains("$KEY", StringComparison.Ordinal));
        await Eventually.BecomesTrueAsync(async () => (await RunAsync(prediction, ("KEY", key))).TryGetProperty("model_version", out var version) && version.GetString() == "1");
        Assert.DoesNotContain(Admin, _sluice.AppHost.Output, StringComparison.Ordinal);

        // The judge is let in by a secret of its own, once it is up.
        await Eventually.BecomesTrueAsync(async () => await JudgeAsync() is not null, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task What_helm_test_runs_gets_a_prediction_and_leaves_nothing_behind()
    {
        var script = Repository.PathOf("AppHost", "Kubernetes", "chart", "files", "test.sh");
        var settings = new Dictionary<string, string?>
        {
            ["GATEWAY"] = _sluice.Gateway.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["ADMIN_TOKEN"] = Admin,
            ["MODEL_FILE"] = Repository.PathOf("samples", "iris", "1", "model.onnx"),
            ["TIMEOUT"] = "30",
        };
        var before = await ModelsAsync();

        await using (var test = ChildProcess.Start("sh", [script], settings))
        {
            var exitCode = await test.WaitForExitAsync(TimeSpan.FromSeconds(60));
            Assert.True(exitCode == 0, test.Output);
            Assert.Contains("a prediction came", test.Output, StringComparison.Ordinal);
        }

        Assert.Equal(before, await ModelsAsync());
        Assert.Equal("[]", await GetAsync("/api/keys"));

        settings["MODEL_FILE"] = script; // no model
        await using var failing = ChildProcess.Start("sh", [script], settings);
        Assert.NotEqual(0, await failing.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("\"status\":422", failing.Output, StringComparison.Ordinal); // the Registry's own reason
        Assert.Equal(before, await ModelsAsync());
    }

    private async Task<string?> JudgeAsync() =>
        JsonSerializer.Deserialize(await GetAsync("/api/leases/judge"), ContractsJson.Default.Lease)!.Holder;

    private async Task<string[]> ModelsAsync() =>
        [.. JsonElement.Parse(await GetAsync("/api/models")).EnumerateArray().Select(model => model.GetProperty("name").GetString()!)];

    private async Task<string> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "authorization", "Bearer " + Admin } } };
        using var answer = await _sluice.Registry.SendAsync(request, Token);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private static async Task<string> RunAsync(string line, string property, (string Name, string Value) variable)
    {
        var answer = await RunAsync(line, variable);
        Assert.True(answer.TryGetProperty(property, out var value), answer.GetRawText());
        return value.GetString()!;
    }

    private static async Task<JsonElement> RunAsync(string line, (string Name, string Value) variable)
    {
        await using var curl = ChildProcess.Start("bash", ["-c", line], new Dictionary<string, string?> { [variable.Name] = variable.Value });
        Assert.Equal(0, await curl.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        return JsonElement.Parse(curl.Output);
    }
}
