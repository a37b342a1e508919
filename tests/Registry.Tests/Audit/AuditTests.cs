using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Store;
using Sluice.Registry.Tests.Access;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Audit;

/// <summary>The audit log: who did what, read and exported.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private readonly GuardedRegistry _registry = new();
    private HttpClient _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _admin = _registry.As(GuardedRegistry.SecretOf("admin"));
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        return _registry.DisposeAsync();
    }

    [Fact]
    public async Task Every_command_has_an_entry_with_who_and_what()
    {
        var ci = await _admin.CreateKeyAsync(Scopes.Register);
        using var pipeline = _registry.As(ci.Primary);
        await pipeline.RegisterAsync("wine", OnnxModels.Scale(1, -1));
        await pipeline.ServeAsync("wine", 1);
        await _admin.SendAsAsync("POST", $"/api/keys/{ci.Key.Name}/regenerate?which=primary", null);
        await _admin.DeleteAsync(ApiPaths.ForKey(ci.Key.Name), Token);
        using var refused = await _admin.DeleteAsync(ApiPaths.ForKey(ci.Key.Name), Token); // which changed nothing

        var page = await GetAsync("");

        var entries = page.Records.Select(record => $"{record.Actor} {record.Action} {record.Model} {record.Version}".TrimEnd()).ToList();
        Assert.Equal(
        [
            "registry token-keys.rotate", "admin key.create", $"{ci.Key.Name} version.register wine 1", $"{ci.Key.Name} serving.set wine 1",
            "admin key.regenerate", "admin key.delete",
        ], entries.Where(entry => !entry.Contains("model.create", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(1, page.Records.Count).Select(number => (long)number), page.Records.Select(record => record.Number));
        Assert.Equal((page.Records.Count, page.Records.Count), (page.Next, page.Last));
        Assert.Equal(ci.Key.Name, page.Records.Single(record => record.Action == "key.create").Details?.GetProperty("key").GetString());
    }

    [Fact]
    public async Task Pages_follow_one_another_and_filters_leave_out()
    {
        await WriteAsync(2500);

        var numbers = new List<long>();
        for (var (after, last) = (0L, 1L); after < last;)
        {
            var page = await GetAsync($"?after={after}&limit=700&action=test.odd");
            Assert.True(page.Records.Count <= 700);
            numbers.AddRange(page.Records.Select(record => record.Number));
            (after, last) = (page.Next, page.Last);
        }

        Assert.Equal(Enumerable.Range(1, 2500).Where(number => number % 2 == 1).Select(number => (long)number), numbers);
        Assert.Equal([1, 3, 5], (await GetAsync("?limit=3&action=test.odd")).Records.Select(record => record.Number));
        Assert.Equal([7, 17, 27], (await GetAsync("?limit=3&model=m7")).Records.Select(record => record.Number));
        Assert.Equal([2, 4], (await GetAsync("?limit=2&actor=even")).Records.Select(record => record.Number));
        Assert.Equal([1, 2], (await GetAsync("?limit=2&action=test.")).Records.Select(record => record.Number));
        Assert.Empty((await GetAsync("?after=2500")).Records);
        Assert.Empty((await GetAsync("?after=9223372036854775807")).Records);
        Assert.Empty((await GetAsync("?action=tes")).Records);
    }

    [Theory]
    [InlineData("?after=-1", "after: '-1'")]
    [InlineData("?after=x", "after: 'x'")]
    [InlineData("?limit=0", "limit: '0'")]
    [InlineData("?limit=1001", "limit: '1001'")]
    public async Task What_is_no_number_of_an_entry_is_refused(string query, string words)
    {
        using var answer = await _admin.GetAsync(ApiPaths.Audit + query, Token);

        await Calls.AssertProblemAsync(answer, 400, words);
    }

    [Fact]
    public async Task Only_the_admin_reads_it()
    {
        var key = await _admin.CreateKeyAsync(Scopes.Register);
        using var pipeline = _registry.As(key.Primary);
        foreach (var path in new[] { ApiPaths.Audit, ApiPaths.AuditExport })
        {
            using var answer = await pipeline.GetAsync(path, Token);
            await Calls.AssertProblemAsync(answer, 403, "admin");
        }
    }

    [Fact]
    public async Task The_export_is_all_of_it_a_line_each_with_links_that_show_any_change()
    {
        await WriteAsync(2500);
        var lines = await ExportAsync();
        Assert.Equal(2500, lines.Length);
        AssertLinked(lines);

        await WriteAsync(1);
        var later = await ExportAsync();
        Assert.Equal(lines, later[..2500]);
        AssertLinked(later);

        // The links are of the whole log, whatever of it is asked for.
        Assert.Equal(lines.Where((_, index) => index % 2 == 0), (await ExportAsync("?action=test.odd"))[..1250]);

        var forged = lines.ToArray();
        forged[3] = forged[3].Replace("even", "odd", StringComparison.Ordinal);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertLinked(forged));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertLinked([.. lines.Where((_, index) => index != 7)]));
    }

    private static void AssertLinked(string[] lines)
    {
        var link = new byte[32];
        foreach (var line in lines)
        {
            var cut = line.LastIndexOf(",\"link\":\"", StringComparison.Ordinal);
            link = SHA256.HashData([.. link, .. Encoding.UTF8.GetBytes(line[..cut] + "}")]);
            Assert.Equal(Convert.ToHexStringLower(link), JsonElement.Parse(line).GetProperty("link").GetString());
        }
    }

    private async Task<string[]> ExportAsync(string query = "")
    {
        using var answer = await _admin.GetAsync(ApiPaths.AuditExport + query, Token);
        Assert.Equal((HttpStatusCode.OK, "application/x-ndjson"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return text[..^1].Split('\n');
    }

    private Task<AuditPage> GetAsync(string query) => _admin.GetAsync(ApiPaths.Audit + query, ContractsJson.Default.AuditPage);

    // Many entries, of two actors and ten models, without the commands.
    private async Task WriteAsync(int count)
    {
        var (store, audit) = (_registry.Services.GetRequiredService<IStore>(), _registry.Services.GetRequiredService<AuditLog>());
        var batch = new StoreBatch();
        for (var i = 1; i <= count; i++)
        {
            var which = i % 2 == 1 ? "odd" : "even";
            audit.Note(batch, new Caller(which, []), $"test.{which}", $"m{i % 10}", reason: "größer");
        }

        Assert.True((await store.CommitAsync(batch, Token)).Succeeded);
    }
}
