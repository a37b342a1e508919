#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // the only way to follow the publisher; docs/architecture.md, "Publishing"
using System.Reflection;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sluice.AppHost.Kubernetes;

/// <summary>
/// The Helm chart. Aspire's publisher says what every service is told and where it listens; the templates in <c>chart</c> say how such a service runs in a
/// cluster. A run knows nothing of it.
/// </summary>
internal sealed partial class ClusterChart
{
    private const string Environment = "k8s";

    private readonly Dictionary<string, PublishedService> _services = [];
    private readonly bool _isPublished;

    private ClusterChart(bool isPublished) => _isPublished = isPublished;

    /// <summary>The port of every pod's endpoint for gRPC; null in a run, where each process gets one of its own.</summary>
    public int? GrpcPort => _isPublished ? 8081 : null;

    /// <summary>The port of every pod's management endpoint; null in a run.</summary>
    public int? ManagementPort => _isPublished ? 9090 : null;

    private static string Version => typeof(ClusterChart).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Adds what <c>aspire publish</c> makes a chart for, and the step that completes the chart.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="rulesFolder">The rules for Prometheus.</param>
    /// <param name="samplesFolder">The sample models; <c>helm test</c> uses one.</param>
    public static ClusterChart Add(IDistributedApplicationBuilder builder, string rulesFolder, string samplesFolder)
    {
        var chart = new ClusterChart(builder.ExecutionContext.IsPublishMode);
        builder.AddKubernetesEnvironment(Environment)
            .WithHelm(helm => helm
                .WithChartName("sluice")
                .WithChartVersion(Version)
                .WithChartDescription("Serves ONNX models, and promotes or rolls back their versions by what the metrics say."))
            .WithDashboard(false) // Aspire's own, of a nightly image and without a login; the chart has a page for Grafana
            .ExcludeFromManifest();
        if (chart._isPublished)
        {
            var sources = new ChartSources(Path.Combine(builder.AppHostDirectory, "Kubernetes", "chart"), rulesFolder, Path.Combine(samplesFolder, "iris", "1", "model.onnx"));
            builder.Pipeline.AddStep("complete-chart", context => chart.CompleteAsync(sources, context), dependsOn: $"publish-{Environment}", requiredBy: "publish");
        }

        return chart;
    }

    /// <summary>Takes a service into the chart.</summary>
    public void Take(IResourceBuilder<ProjectResource> service) =>
        service.PublishAsKubernetesService(published => _services[published.Name] = PublishedService.Read(published));

    private async Task CompleteAsync(ChartSources sources, PipelineStepContext context)
    {
        var folder = context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();
        var values = PublisherValues.Read(Path.Combine(folder, ChartSources.ValuesFile));
        var services = _services.Values.Select(service => ServiceFacts.From(service, values, _services.Keys)).ToList();
        sources.Check(services);

        // The publisher's objects have said what they know. They are no values, have no conditions, and the names of one release a namespace.
        Directory.Delete(Path.Combine(folder, ChartSources.TemplatesFolder), recursive: true);
        await sources.CopyAsync(folder, context.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, ChartSources.TemplatesFolder, FactsTemplate.FileName), FactsTemplate.Write(services), context.CancellationToken);
        await ChartSources.FinishDescriptionAsync(Path.Combine(folder, "Chart.yaml"), context.CancellationToken);
        LogCompleted(context.Logger, services.Count, folder);
    }

    [LoggerMessage(LogLevel.Information, "The chart of {Services} services is complete: helm install sluice {Folder}")]
    private static partial void LogCompleted(ILogger logger, int services, string folder);
}
