using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Backchannel;
using Aspire.Hosting.Dcp;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Dashboard;

/// <summary>Before the orchestrator starts: opens the server for the dashboard and adds the dashboard to the application.</summary>
internal sealed partial class DashboardHost(
    DistributedApplicationModel model, DcpLocations locations, ResourceService service, IConfiguration configuration, IHostEnvironment environment,
    IDistributedApplicationEventing eventing, IOptions<HealthCheckServiceOptions> healthChecks, DashboardAddress address, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<DistributedApplication>();
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = DashboardSettings.Read(configuration);
        var path = locations.DashboardPath;
        (_server, var serverUrl) = await ResourceServer.StartAsync(service, configuration, loggers, cancellationToken).ConfigureAwait(false);
        var dashboard = new DashboardResource(settings, path, context => AddEnvironment(context, serverUrl));
        const string Check = "aspire-dashboard_check";
        dashboard.Annotations.Add(new HealthCheckAnnotation(Check));
        healthChecks.Value.Registrations.Add(new(Check, new HttpHealthCheck(dashboard.Frontend, "/health", 200), null, null));
        eventing.Subscribe<ResourceReadyEvent>(dashboard, (_, _) =>
        {
            LogListening(dashboard.Frontend.Url);
            var login = $"{dashboard.Frontend.Url}/login?t={configuration["AppHost:BrowserToken"]}";
            LogLogin(login);
            address.Set(login);
            return Task.CompletedTask;
        });
        model.Resources.Insert(0, dashboard);
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void AddEnvironment(EnvironmentCallbackContext context, string serverUrl)
    {
        var variables = context.EnvironmentVariables;
        variables["ASPNETCORE_ENVIRONMENT"] = environment.EnvironmentName;
        variables[DashboardSettings.ResourceServiceUrlKey] = serverUrl;
        variables["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"] = "ApiKey";
        variables["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"] = configuration["AppHost:ResourceService:ApiKey"]!;
        variables["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken";
        variables["DASHBOARD__FRONTEND__BROWSERTOKEN"] = configuration["AppHost:BrowserToken"]!;
        variables["DASHBOARD__FRONTEND__PUBLICURL"] = ((DashboardResource)context.Resource).Frontend;
        variables["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey";
        variables["DASHBOARD__OTLP__PRIMARYAPIKEY"] = configuration["AppHost:OtlpApiKey"]!;
    }

    [LoggerMessage(LogLevel.Information, "Now listening on: {Url}")]
    private partial void LogListening(string url);

    [LoggerMessage(LogLevel.Information, "Login to the dashboard at {Url}")]
    private partial void LogLogin(string url);
}
