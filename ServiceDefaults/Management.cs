using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.ServiceDefaults;

/// <summary>Where probes and scrapers reach a service. Configuration section <see cref="Section"/>.</summary>
public sealed class ManagementOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Management";

    /// <summary>The port of the management endpoint, on the public endpoint's host; null for none.</summary>
    [SettingRange(1, 65535, ErrorMessage = "Management:Port must be 1 to 65535.")]
    public int? Port { get; set; }
}

/// <summary>Checks <see cref="ManagementOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ManagementOptionsValidator : IValidateOptions<ManagementOptions>;

/// <summary>A page of a service's own on its management endpoint. Added to the services, one for the life of the service.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="AnswerAsync">Answers whoever asks for it.</param>
public sealed record ManagementPage(string Path, RequestDelegate AnswerAsync);

/// <summary>The management endpoint: a port of its own that serves health, metrics and nothing else, and that the public port does not serve.</summary>
public static class Management
{
    /// <summary>200 while the process is sound, else 503.</summary>
    public const string LivePath = "/health/live";

    /// <summary>200 when the service does its work, else 503.</summary>
    public const string ReadyPath = "/health/ready";

    /// <summary>The metrics, in Prometheus' text format.</summary>
    public const string MetricsPath = "/metrics";

    internal static void AddManagementEndpoint(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ManagementOptions>, ManagementOptionsValidator>();
        builder.Services.AddOptions<ManagementOptions>().BindConfiguration(ManagementOptions.Section).ValidateOnStart();

        // A port out of range is refused by the validation above, with the key's name; it must not fail here without it.
        if (int.TryParse(builder.Configuration[$"{ManagementOptions.Section}:{nameof(ManagementOptions.Port)}"], out var port) && port is > 0 and <= 65535)
        {
            builder.ListenAlsoOn(port);
        }
    }

    internal static void MapManagementEndpoint(this WebApplication app)
    {
        var port = app.Services.GetRequiredService<IOptions<ManagementOptions>>().Value.Port;
        if (port is null)
        {
            return;
        }

        app.MapWhen(context => context.Connection.LocalPort == port, management =>
        {
            management.Use(static (context, next) =>
            {
                // Probes and scrapes are not the service's work: they would hide it in the durations of requests.
                context.Features.Get<IHttpMetricsTagsFeature>()?.MetricsDisabled = true;
                return next(context);
            });
            management.UseMetrics();
            management.UseHealthChecks(LivePath, new HealthCheckOptions
            {
                Predicate = check => check.Tags.Contains(Extensions.LiveTag),
                ResponseWriter = HealthReportJson.WriteAsync,
            });
            management.UseHealthChecks(ReadyPath, new HealthCheckOptions { ResponseWriter = HealthReportJson.WriteAsync });
            foreach (var page in app.Services.GetServices<ManagementPage>())
            {
                management.Map(page.Path, branch => branch.Run(page.AnswerAsync));
            }

            management.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
    }
}
