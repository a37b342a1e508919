using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Sources.Prometheus;

/// <summary>How the judge asks Prometheus. Configuration section <see cref="Section"/>.</summary>
internal sealed class PrometheusOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Judge:Prometheus";

    /// <summary>Where it is: an absolute http or https URL, with the path that <c>/api/v1</c> lies under, if any. Null: it is not asked.</summary>
    public Uri? Url { get; set; }

    /// <summary>The bearer token to show, where one is asked for.</summary>
    [RegularExpression(@"[\x21-\x7e]+", ErrorMessage = "Judge:Prometheus:Token must be printable ASCII without spaces.")]
    public string? Token { get; set; }

    /// <summary>The time one attempt may take. A question is tried three times.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.100", "00:01:00", ErrorMessage = "Judge:Prometheus:Timeout must be 100 ms to 1 min.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a URL can be asked.</summary>
    internal static bool IsUsable(Uri? url) =>
        url is null or { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" };
}

/// <summary>Checks <see cref="PrometheusOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class PrometheusOptionsValidator : IValidateOptions<PrometheusOptions>;

/// <summary>Brings the source that asks Prometheus.</summary>
internal static class PrometheusSetup
{
    /// <summary>Adds options and <see cref="PrometheusSource"/>, which is made when it is first asked for.</summary>
    public static void AddPrometheusSource(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<PrometheusOptions>, PrometheusOptionsValidator>();
        builder.Services.AddOptions<PrometheusOptions>()
            .BindConfiguration(PrometheusOptions.Section)
            .Validate(
                options => PrometheusOptions.IsUsable(options.Url),
                "Judge:Prometheus:Url must be an absolute http or https URL without credentials, query and fragment.")
            .ValidateOnStart();
        builder.Services.AddSingleton<PrometheusClient>();
        builder.Services.AddSingleton<PrometheusSource>();
    }
}
