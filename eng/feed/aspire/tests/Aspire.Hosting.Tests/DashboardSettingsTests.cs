using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Tests;

/// <summary>What the settings of the dashboard must say.</summary>
public sealed class DashboardSettingsTests
{
    private const string Frontend = "http://localhost:18888";
    private const string Otlp = "http://localhost:18889";

    [Theory]
    [InlineData(null, Otlp, "true", "'ASPNETCORE_URLS' must say it")]
    [InlineData(Frontend, null, "true", "'ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL' or 'ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL'")]
    [InlineData(Frontend, Otlp, null, "'ASPNETCORE_URLS' is 'http://localhost:18888', but the dashboard must be reached by https")]
    [InlineData("https://localhost:18888", Otlp, "false", "'ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL' is 'http://localhost:18889'")]
    [InlineData("localhost:18888", Otlp, "true", "expected an http or https URL")]
    public void A_setting_that_is_missing_or_wrong_is_named(string? frontend, string? otlp, string? unsecured, string reason) =>
        Assert.Contains(reason, Assert.Throws<DistributedApplicationException>(() => DashboardSettings.Read(With(frontend, otlp, unsecured))).Message, StringComparison.Ordinal);

    [Fact]
    public void Several_addresses_are_possible_and_https_needs_no_leave()
    {
        var settings = DashboardSettings.Read(With("https://localhost:18888;https://127.0.0.1:1", "https://localhost:18889", null));

        Assert.Equal(["https://localhost:18888/", "https://127.0.0.1:1/"], settings.Frontend.Select(url => url.AbsoluteUri));
        Assert.Null(settings.OtlpHttp);
    }

    private static IConfiguration With(string? frontend, string? otlp, string? unsecured) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = frontend,
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = otlp,
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = unsecured,
        })
        .Build();
}
