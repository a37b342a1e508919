using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project without its launch settings: <paramref name="launchProfileName"/> must be null.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="launchProfileName">Null.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        if (launchProfileName is not null)
        {
            throw new DistributedApplicationException(
                $"Resource '{name}': the Aspire stand-in reads no launch profiles ('{launchProfileName}'). Pass null and set endpoints and environment in the AppHost.");
        }

        return Add<TProject>(builder, name);
    }

    /// <summary>Adds a project as its launch settings describe it: the first profile of the kind "Project".</summary>
    /// <remarks>
    /// A run takes the profile's addresses and variables. A publication takes of it only that the project listens at all, and gives it the endpoints http
    /// and https, which share a port.
    /// </remarks>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => LaunchProfile.Read(new TProject().ProjectPath) is { } profile
            ? profile.ApplyTo(Add<TProject>(builder, name))
            : Add<TProject>(builder, name);

    /// <summary>Runs the project in several processes that share its endpoints.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(replicas);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ProjectResource> Add<TProject>(IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        var project = builder.AddResource(new ProjectResource(name)).WithAnnotation(new TProject()).WithAnnotation(new OtlpExporterAnnotation());
        return builder.ExecutionContext.IsPublishMode
            ? project.WithEnvironment(AddPublished)
            : project.WithEnvironment(context => AddTelemetry(context, builder)).WithEnvironment(AddConsole);
    }

    /// <summary>What every project is told where it is deployed: proxies stand before it, and it listens where the deployment says.</summary>
    private static void AddPublished(EnvironmentCallbackContext context)
    {
        var project = (ProjectResource)context.Resource;
        context.EnvironmentVariables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (project.GetEndpoints().Any())
        {
            context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        }

        foreach (var scheme in new[] { "http", "https" })
        {
            var ports = project.GetEndpoints().Where(endpoint => IsListenedOn(endpoint, scheme)).Select(endpoint => endpoint.Property(EndpointProperty.TargetPort)).ToList();
            if (ports.Count > 0)
            {
                context.EnvironmentVariables[$"{scheme.ToUpperInvariant()}_PORTS"] = ReferenceExpression.Join(";", ports);
            }
        }
    }

    private static bool IsListenedOn(EndpointReference endpoint, string scheme) =>
        endpoint.Scheme == scheme && endpoint.EndpointAnnotation.TargetPortVariable is null
        && !endpoint.Resource.Annotations.OfType<DefaultHttpsEndpointAnnotation>().Any(https => https.Endpoint == endpoint.EndpointAnnotation);

    /// <summary>Telemetry to the dashboard, named by annotations that DCP puts in for each replica; quick and complete in Development.</summary>
    private static void AddTelemetry(EnvironmentCallbackContext context, IDistributedApplicationBuilder builder)
    {
        var variables = context.EnvironmentVariables;
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (Dashboard.DashboardResource.FindOtlp(builder.Resources) is not var (endpoint, protocol))
        {
            return;
        }

        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={builder.Configuration["AppHost:OtlpApiKey"]}";
        variables["OTEL_RESOURCE_ATTRIBUTES"] = "service.instance.id={{- index .Annotations \"otel-service-instance-id\" -}}";
        variables["OTEL_SERVICE_NAME"] = "{{- index .Annotations \"otel-service-name\" -}}";
        if (builder.Environment.IsDevelopment())
        {
            const string Second = "1000";
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = Second;
            variables["OTEL_BSP_SCHEDULE_DELAY"] = Second;
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = Second;
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            variables["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
            variables["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true";
        }
    }

    private static void AddConsole(EnvironmentCallbackContext context)
    {
        context.EnvironmentVariables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        context.EnvironmentVariables["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";
    }
}
