using System.Net;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Access;

/// <summary>What pages in a visitor's browser may send, and for which names.</summary>
public sealed class BrowserTests(BrowserTests.Open open, BrowserTests.Guarded guarded) : IClassFixture<BrowserTests.Open>, IClassFixture<BrowserTests.Guarded>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("OWN", null, true)]
    [InlineData("OWN", "same-origin", true)]
    [InlineData(null, "none", true)]
    [InlineData(null, null, true)]
    [InlineData("https://ml.example.org", "cross-site", true)]
    [InlineData("https://ML.example.org", "cross-site", true)]
    [InlineData("http://ml.example.org", "cross-site", false)]
    [InlineData("https://ml.example.org.evil.example", null, false)]
    [InlineData("https://evil.example", null, false)]
    [InlineData("http://localhost:3000", "same-site", false)]
    [InlineData("null", null, false)]
    [InlineData("http://OWNevil", null, false)]
    [InlineData("file://", null, false)]
    public async Task A_command_comes_from_the_Registrys_own_pages_or_allowed_ones(string? origin, string? site, bool allowed)
    {
        using var request = Command(open);
        var own = open.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Add(request, "Origin", origin == "OWN" ? own : origin?.Replace("http://OWN", own, StringComparison.Ordinal));
        Add(request, "Sec-Fetch-Site", site);

        using var answer = await open.Http.SendAsync(request, Token);

        if (allowed)
        {
            await Calls.AssertProblemAsync(answer, 404, "no model"); // it came through to the command itself
        }
        else
        {
            await Calls.AssertProblemAsync(answer, 403, "Origin", "Registry:AllowedOrigins");
        }
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("anything")]
    public async Task A_command_that_a_browser_calls_foreign_is_refused_without_an_origin_too(string site)
    {
        using var request = Command(open);
        Add(request, "Sec-Fetch-Site", site);

        using var answer = await open.Http.SendAsync(request, Token);

        await Calls.AssertProblemAsync(answer, 403, "Sec-Fetch-Site", site);
    }

    [Fact]
    public async Task Reading_is_not_refused_by_origin_but_no_other_page_is_given_the_answer()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiPaths.Models);
        Add(request, "Origin", "https://evil.example");
        Add(request, "Sec-Fetch-Site", "cross-site");

        using var answer = await open.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("localhost:8081", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.7.6:80", true)]
    [InlineData("[::1]:8081", true)]
    [InlineData("registry.localhost", true)]
    [InlineData("registry.test", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("[2001:db8::1]", false)]
    public async Task Where_access_is_open_requests_are_for_names_of_the_loopback(string host, bool allowed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiPaths.Models) { Headers = { Host = host } };

        using var answer = await open.Http.SendAsync(request, Token);

        if (allowed)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        else
        {
            await Calls.AssertProblemAsync(answer, 403, "Host", host, "Registry:AllowedHosts");
        }
    }

    [Theory]
    [InlineData("ml.example.org", true)]
    [InlineData("ml.example.org:8443", true)]
    [InlineData("a.models.example.org", true)]
    [InlineData("models.example.org", false)]
    [InlineData("localhost", false)]
    public async Task Where_keys_are_required_the_setting_says_for_which_names(string host, bool allowed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiPaths.TokenKeys) { Headers = { Host = host } };

        using var answer = await guarded.Http.SendAsync(request, Token);

        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("127.0.0.1:5000, [::1]:5000", true)]
    [InlineData("192.0.2.7", false)]
    [InlineData("127.0.0.1, 192.0.2.7", false)]
    [InlineData("unknown", false)]
    public async Task Open_is_for_this_machine_also_through_a_proxy_on_it(string forwardedFor, bool allowed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiPaths.Models);
        Add(request, "X-Forwarded-For", forwardedFor);

        using var answer = await open.Http.SendAsync(request, Token);

        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static HttpRequestMessage Command(RunningRegistry registry) =>
        new(HttpMethod.Put, new Uri(registry.Http.BaseAddress!, "/api/models/nothing/serving")) { Content = Calls.Json("""{"stable": 1}""") };

    private static void Add(HttpRequestMessage request, string header, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }
    }

    /// <summary>Open, with a page of another origin and a name that are allowed.</summary>
    public sealed class Open() : RunningRegistry(settings: new()
    {
        ["Registry:Access"] = "open",
        ["Registry:AllowedOrigins:0"] = "https://ml.example.org",
        ["Registry:AllowedHosts:0"] = "registry.test",
    });

    /// <summary>With keys, and for certain names.</summary>
    public sealed class Guarded() : GuardedRegistry(settings: new()
    {
        ["Registry:AllowedHosts:0"] = "ml.example.org",
        ["Registry:AllowedHosts:1"] = "*.models.example.org",
    });
}
