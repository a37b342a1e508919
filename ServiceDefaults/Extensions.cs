using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sluice.ServiceDefaults;

/// <summary>What every service of Sluice has alike.</summary>
public static class Extensions
{
    /// <summary>Health checks with this tag decide over life and death of the process; all others over readiness.</summary>
    public const string LiveTag = "live";

    /// <summary>Adds telemetry, problem details, the clock, a live check and the management endpoint.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.AddTelemetry();
        builder.AddManagementEndpoint();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddProblemDetails();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return builder;
    }

    /// <summary>Serves the management endpoint and names the spans of all others. Call it before anything else is mapped.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapManagementEndpoint();
        app.UseServerSpanNames();
        return app;
    }
}
