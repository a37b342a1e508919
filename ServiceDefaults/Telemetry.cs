using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.ServiceDefaults;

/// <summary>OpenTelemetry for traces, metrics and logs, sent by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; metrics also on a page for Prometheus.</summary>
internal static class Telemetry
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // .NET 10 leaves HTTP tags off server spans unless told otherwise; without them a trace does not say which path was asked for.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        // Not ready is an answer, not an error: it is in the health report, and the part that is not ready logs why on its own.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        // At Debug the server would write the lines of a malformed request into the log, and with them a credential in a header that lacks its colon.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.None);

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        // ASP.NET Core, HttpClient and the runtime publish meters and activity sources of their own: no instrumentation packages.
        builder.Services.AddSingleton<SdkMetrics>();
        builder.Services.AddSingleton<MetricsPages>();
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime")
                .AddMeter(MetricNames.Prefix + "*")
                .AddReader(services => services.GetRequiredService<SdkMetrics>().Reader));

        // Without a receiver nobody would see a span, and making one costs a small request a tenth of its time. Trace ids are made and passed on all the
        // same: that is the server's doing.
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry
                .WithTracing(tracing => tracing
                    .AddSource("Microsoft.AspNetCore", "System.Net.Http", MetricNames.Prefix + "*")
                    .AddProcessor(new QuietSpans()))
                .UseOtlpExporter();
        }
    }
}
