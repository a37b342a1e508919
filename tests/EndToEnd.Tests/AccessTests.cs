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

        Assert.Equal("1", await RunAsync(lines.Single(line => line.Contains("$KEY", StringComparison.Ordinal)), "model_version", ("KEY", key)));
        Assert.DoesNotContain(Admin, _sluice.AppHost.Output, StringComparison.Ordinal);

        // The judge is let in by a secret of its own, once it is up.
        await Eventually.BecomesTrueAsync(async () => await JudgeAsync() is not null, TimeSpan.FromSeconds(60));
    }

    private async Task<string?> JudgeAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/leases/judge") { Headers = { { "authorization", "Bearer " + Admin } } };
        using var lease = await _sluice.Registry.SendAsync(request, Token);
        return JsonSerializer.Deserialize(await lease.Content.ReadAsStringAsync(Token), ContractsJson.Default.Lease)!.Holder;
    }

    private static async Task<string> RunAsync(string line, string property, (string Name, string Value) variable)
    {
        await using var curl = ChildProcess.Start("bash", ["-c", line], new Dictionary<string, string?> { [variable.Name] = variable.Value });
        Assert.Equal(0, await curl.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(JsonElement.Parse(curl.Output).TryGetProperty(property, out var value), curl.Output);
        return value.GetString()!;
    }
}
