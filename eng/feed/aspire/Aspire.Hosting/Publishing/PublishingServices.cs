#pragma warning disable ASPIREPIPELINES004 // given to the AppHost as the real hosting gives it
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Hosting.Publishing;

internal static class PublishingServices
{
    public static void AddPublishing(this IServiceCollection services, PublishSettings settings, ApplicationSteps steps)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(steps);
        services.AddSingleton<IPipelineOutputService, OutputFolder>();
        services.AddSingleton<PipelineReport>();
        services.AddSingleton<ManifestPublisher>();
        services.AddSingleton<PipelineRun>();
    }
}
