using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Hosting.Publishing;

internal static class PublishingServices
{
    public static void AddPublishing(this IServiceCollection services, PublishSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<PipelineReport>();
        services.AddSingleton<ManifestPublisher>();
        services.AddSingleton<PipelineRun>();
    }
}
