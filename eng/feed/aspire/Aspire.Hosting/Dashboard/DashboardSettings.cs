using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>Where the dashboard is to listen: read when the application starts, so that the AppHost can still change it.</summary>
internal sealed record DashboardSettings(IReadOnlyList<Uri> Frontend, Uri? OtlpGrpc, Uri? OtlpHttp)
{
    public const string ResourceServiceUrlKey = "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL";
    public const string FrontendKey = "ASPNETCORE_URLS";
    public const string OtlpGrpcKey = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    public const string OtlpHttpKey = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";
    private const string UnsecuredKey = "ASPIRE_ALLOW_UNSECURED_TRANSPORT";

    /// <exception cref="DistributedApplicationException">An address is missing, no URL, or not https.</exception>
    public static DashboardSettings Read(IConfiguration configuration)
    {
        var frontend = configuration[FrontendKey] is { Length: > 0 } urls
            ? urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : throw new DistributedApplicationException($"The dashboard's address is not set: '{FrontendKey}' must say it, as the launch profile of an AppHost does.");
        var settings = new DashboardSettings(
            [.. frontend.Select(url => Parse(FrontendKey, url))],
            configuration[OtlpGrpcKey] is { Length: > 0 } grpc ? Parse(OtlpGrpcKey, grpc) : null,
            configuration[OtlpHttpKey] is { Length: > 0 } http ? Parse(OtlpHttpKey, http) : null);
        if (settings is { OtlpGrpc: null, OtlpHttp: null })
        {
            throw new DistributedApplicationException($"The dashboard's address for telemetry is not set: '{OtlpGrpcKey}' or '{OtlpHttpKey}' must say it.");
        }

        settings.RequireHttps(configuration);
        return settings;
    }

    public static Uri Parse(string key, string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url
        : throw new DistributedApplicationException($"'{key}' is '{text}': expected an http or https URL such as http://localhost:18888.");

    private void RequireHttps(IConfiguration configuration)
    {
        if (configuration.GetValue(UnsecuredKey, false))
        {
            return;
        }

        (string Key, Uri? Url)[] all = [.. Frontend.Select(url => (FrontendKey, (Uri?)url)), (OtlpGrpcKey, OtlpGrpc), (OtlpHttpKey, OtlpHttp)];
        if (all.FirstOrDefault(setting => setting.Url?.Scheme == "http") is { Url: not null } plain)
        {
            throw new DistributedApplicationException(
                $"'{plain.Key}' is '{plain.Url.OriginalString}', but the dashboard must be reached by https unless '{UnsecuredKey}' is true.");
        }
    }
}
