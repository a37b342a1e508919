using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Sluice.Contracts;
using Sluice.Registry.Tests.Watch;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Access;

/// <summary>With known secrets under way and the most talkative log there is, no secret is anywhere but in the answer that made it.</summary>
public sealed partial class SecrecyTests
{
    private static readonly string[] Services = ["gateway", "predictor", "judge", "admin"];

    private readonly StringBuilder _said = new(); // all answers, with their headers
    private readonly List<string> _secrets = [.. Services.Select(GuardedRegistry.SecretOf)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_is_in_a_log_an_answer_or_the_watch()
    {
        using var data = new TemporaryFolder();
        await using var registry = await RegistryProcess.StartAsync(data.Path, [
            ("Registry__Access", "keys"),
            ("Logging__LogLevel__Default", "Trace"),
            ("Logging__LogLevel__Microsoft.AspNetCore", "Trace"),
            .. Services.Select(service => ($"Registry__Services__{service}__Token", (string?)GuardedRegistry.SecretOf(service))),
        ]);
        var watches = await Task.WhenAll(new[] { "gateway", "predictor", "judge" }.Select(service => WatchAsync(registry, service)));

        await UseKeysAsync(registry);
        await SendNonsenseAsync(registry);
        await using var last = await WatchAsync(registry, "gateway");
        var revision = (await last.NextEventAsync()).Revision;
        var told = new List<string>();
        foreach (var watch in watches)
        {
            told.Add(await ReadUntilAsync(watch, revision));
            await watch.DisposeAsync();
        }

        Assert.Equal(0, await registry.TerminateAsync(TimeSpan.FromSeconds(20)));
        var log = registry.Output;
        Assert.Contains("trce:", log, StringComparison.Ordinal); // it was as talkative as it should be
        Assert.Contains("Refused", log, StringComparison.Ordinal);
        Assert.All(_secrets, secret => Assert.All([log, _said.ToString(), .. told], text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));
        Assert.All([log, _said.ToString(), .. told], text => Assert.DoesNotMatch(PrivateKey(), text));

        // Hashes only where they are needed.
        var hash = KeySecret.Of(_secrets[Services.Length], default).Hash;
        Assert.Contains(hash, told[0], StringComparison.Ordinal);
        Assert.All([log, _said.ToString(), told[1], told[2]], text => Assert.DoesNotContain(hash, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_files_of_the_store_are_for_its_own_user_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such rights.");
        await using var registry = new GuardedRegistry();
        using var admin = registry.As(GuardedRegistry.SecretOf("admin"));
        await admin.CreateKeyAsync(Scopes.Infer);

        var files = Directory.GetFiles(registry.DataDirectory, "registry.db*");

        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal));
#pragma warning disable CA1416 // skipped on Windows, above
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
#pragma warning restore CA1416
    }

    [GeneratedRegex("MIGHAgEAMBMGByqGSM49|ADCBhwIBADATBgcqhkjOPQIB|\"d\":|PRIVATE KEY")]
    private static partial Regex PrivateKey();

    private static async Task<Events> WatchAsync(RegistryProcess registry, string service)
    {
        var http = new HttpClient { BaseAddress = registry.Http.BaseAddress };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + GuardedRegistry.SecretOf(service));
        return await Events.OpenAsync(http);
    }

    // Everything that can be done with a key; what makes secrets is kept out of what was said, and only that.
    private async Task UseKeysAsync(RegistryProcess registry)
    {
        var admin = GuardedRegistry.SecretOf("admin");
        await SayAsync(registry, "POST", "/api/models/wine/versions", admin, Calls.Raw(OnnxModels.Scale(1, -1)));
        using var made = await registry.Http.SendAsAsync("POST", ApiPaths.Keys, "Bearer " + admin, """{"name": "app", "scopes": ["infer", "register"], "model": "wine"}""");
        var key = (await made.Content.ReadFromJsonAsync(ContractsJson.Default.CreatedApiKey, Token))!;
        using var issued = await registry.Http.SendAsAsync("POST", "/api/models/wine/token", "Bearer " + key.Secondary);
        var token = (await issued.Content.ReadFromJsonAsync(ContractsJson.Default.AccessToken, Token))!;
        using var again = await registry.Http.SendAsAsync("POST", "/api/keys/app/regenerate?which=secondary", "Bearer " + admin);
        var regenerated = (await again.Content.ReadFromJsonAsync(ContractsJson.Default.RegeneratedSecret, Token))!;
        _secrets.AddRange([key.Primary, key.Secondary, token.Token, regenerated.Secret]);

        foreach (var credential in _secrets)
        {
            foreach (var path in new[] { "/api/models", "/api/models/wine", "/api/keys", "/api/keys/app", "/api/audit", "/api/audit/export", "/api/jwks.json", "/api/nothing" })
            {
                await SayAsync(registry, "GET", path, credential);
            }

            await SayAsync(registry, "PUT", "/api/models/wine/serving", credential, Calls.Json("""{"stable": 7}"""));
            await SayAsync(registry, "POST", "/api/models/wine/token", credential + "x");
        }

        await SayAsync(registry, "DELETE", "/api/keys/app", admin);
    }

    // Credentials where none belong, or that are broken: what is wrong is told, what came is not.
    private async Task SendNonsenseAsync(RegistryProcess registry)
    {
        var secret = _secrets[Services.Length];
        foreach (var head in new[]
        {
            $"Authorization: {secret}", $"Authorization: Basic {secret}", $"Authorization: Bearer {secret} {secret}", $"Authorization: Bearer {secret}\r\nAuthorization: Bearer {secret}",
            $"Authorization Bearer {secret}", $"{secret}", $": Bearer {secret}", $"Authorization: Bearer {secret}\0", $"Authorization: Bearer {secret}\u00e9", $"Cookie: key={secret}",
        })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(registry.Http.BaseAddress!.Host, registry.Http.BaseAddress.Port, Token);
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"GET /api/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n\r\n"), Token);
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            _said.AppendLine(await reader.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        }

        await SayAsync(registry, "POST", ApiPaths.Keys, GuardedRegistry.SecretOf("admin"), Calls.Json($$"""{"name": 5, "scopes": ["infer"], "secret": "{{secret}}"}"""));
    }

    private async Task SayAsync(RegistryProcess registry, string method, string path, string credential, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential);
        using var answer = await registry.Http.SendAsync(request, Token);
        _said.Append(answer).AppendLine(await answer.Content.ReadAsStringAsync(Token));
    }

    // Everything up to a revision; a heartbeat says that it was told, also to whom there was nothing to tell.
    private static async Task<string> ReadUntilAsync(Events watch, long revision)
    {
        var told = new StringBuilder();
        while (true)
        {
            var item = await watch.NextAsync();
            told.AppendLine(item.Data);
            if (item.EventType == WatchEventTypes.Heartbeat && long.Parse(item.Data, CultureInfo.InvariantCulture) >= revision)
            {
                return told.ToString();
            }
        }
    }
}
