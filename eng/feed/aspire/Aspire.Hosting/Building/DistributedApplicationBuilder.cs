#pragma warning disable ASPIREPIPELINES001 // given to the AppHost as the real hosting gives it
using System.Reflection;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Backchannel;
using Aspire.Hosting.Building;
using Aspire.Hosting.Dcp;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Health;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private static readonly Dictionary<string, string> Switches = new(PublishSettings.Switches)
    {
        ["--dcp-cli-path"] = "DcpPublisher:CliPath",
        ["--dcp-dashboard-path"] = "DcpPublisher:DashboardPath",
    };

    private readonly AppHostProject _appHost;
    private readonly HostApplicationBuilder _host;
    private readonly ApplicationSteps _steps = new();

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        _appHost = new AppHostProject(Assembly.GetEntryAssembly());
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = options.Args,
            ContentRootPath = _appHost.Directory,
        });
        Configuration.AddCommandLine(options.Args ?? [], Switches);
        ExecutionContext = new(PublishSettings.IsAskedFor(Configuration) ? DistributedApplicationOperation.Publish : DistributedApplicationOperation.Run);
        if (options.AllowUnsecuredTransport)
        {
            Configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
        }

        // Made once a start and shared by the dashboard, the resource service and the projects.
        Configuration["AppHost:BrowserToken"] = Configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? NewKey();
        Configuration["AppHost:OtlpApiKey"] ??= NewKey();
        Configuration["AppHost:ResourceService:ApiKey"] = Configuration["ASPIRE_DASHBOARD_RESOURCESERVICE_APIKEY"] ?? NewKey();
        Configuration["AppHost:Directory"] = AppHostDirectory;
        Configuration["AppHost:DashboardApplicationName"] ??= options.DashboardApplicationName;

        QuietFramework(_host.Logging);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceLoggerService>(), services));
        Services.AddHealthChecks();
        Services.AddSingleton(_appHost);
        Services.AddCliChannel(Configuration, withDashboard: ExecutionContext.IsRunMode && !options.DisableDashboard);
        if (ExecutionContext.IsPublishMode)
        {
            Services.AddPublishing(PublishSettings.Read(Configuration, AppHostDirectory), _steps);
        }
        else
        {
            Services.AddHostedService<ResourceHealth>();
            Services.AddDcp(withDashboard: !options.DisableDashboard);
        }
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory => _appHost.Directory ?? _host.Environment.ContentRootPath;

    public Assembly? AppHostAssembly => _appHost.Assembly;

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IDistributedApplicationPipeline Pipeline => _steps;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build() => new(_host.Build());

    private static string NewKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static void QuietFramework(ILoggingBuilder logging)
    {
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Grpc", LogLevel.Error);

        // A resource that is still starting fails its checks: its state says so, the log need not.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
    }
}
