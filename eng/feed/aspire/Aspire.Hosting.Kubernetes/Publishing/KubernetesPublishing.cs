using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>The steps by which an application is published for a cluster.</summary>
internal static class KubernetesPublishing
{
    public static IEnumerable<PipelineStep> StepsOf(KubernetesEnvironmentResource environment) =>
    [
        new($"prepare-deployment-targets-{environment.Name}", $"Finds what each resource becomes in {environment.Name}.", context => PrepareAsync(environment, context))
        {
            RequiredBy = [WellKnownSteps.BeforeStart],
            Resource = environment.Name,
        },
        new($"publish-{environment.Name}", $"Writes the Helm chart for {environment.Name}.", context => PublishAsync(environment, context))
        {
            DependsOn = [WellKnownSteps.PublishPrerequisites],
            RequiredBy = [WellKnownSteps.Publish],
            Resource = environment.Name,
        },
    ];

    private static async Task PrepareAsync(KubernetesEnvironmentResource environment, StepContext context)
    {
        if (context.Model.Resources.OfType<KubernetesEnvironmentResource>().Count() > 1)
        {
            throw new DistributedApplicationException("The Aspire stand-in publishes for one cluster, and the application has several Kubernetes environments.");
        }

        AddDashboard(environment, context.Model);
        var model = new KubernetesModel(environment, context.ExecutionContext, context.CancellationToken);
        foreach (var resource in context.Model.Resources.Where(resource => resource is IComputeResource).ToList())
        {
            resource.Annotations.Add(new DeploymentTargetAnnotation(await model.GetAsync(resource).ConfigureAwait(false)));
        }

        foreach (var single in context.Model.Resources.OfType<IKubernetesObject>())
        {
            await single.PrepareAsync(model).ConfigureAwait(false);
        }
    }

    /// <summary>The dashboard, and the telemetry of every project that leads to it.</summary>
    private static void AddDashboard(KubernetesEnvironmentResource environment, DistributedApplicationModel model)
    {
        if (!environment.DashboardEnabled)
        {
            return;
        }

        var dashboard = environment.Dashboard = new KubernetesAspireDashboardResource($"{environment.Name}-dashboard");
        foreach (var resource in model.Resources.Where(resource => resource.Annotations.OfType<OtlpExporterAnnotation>().Any()))
        {
            resource.Annotations.Add(new EnvironmentCallbackAnnotation(variables =>
            {
                variables.EnvironmentVariables["OTEL_EXPORTER_OTLP_ENDPOINT"] = dashboard.OtlpGrpcEndpoint;
                variables.EnvironmentVariables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
                variables.EnvironmentVariables["OTEL_SERVICE_NAME"] = resource.Name;
                return Task.CompletedTask;
            }));
        }

        model.Resources.Add(dashboard);
    }

    private static async Task PublishAsync(KubernetesEnvironmentResource environment, StepContext context)
    {
        var folder = context.Settings.OutputFolder;
        var chart = new ChartWriter(folder);
        foreach (var resource in context.Model.Resources)
        {
            if (resource.Annotations.OfType<DeploymentTargetAnnotation>().LastOrDefault()?.Target is KubernetesResource target)
            {
                foreach (var customisation in resource.Annotations.OfType<KubernetesServiceCustomizationAnnotation>())
                {
                    customisation.Configure(target);
                }

                await chart.WriteTemplatesAsync(resource.Name, target.Objects(), context.CancellationToken).ConfigureAwait(false);
                await chart.AddValuesAsync(target, context.CancellationToken).ConfigureAwait(false);
            }
            else if (resource is IKubernetesObject single)
            {
                await chart.WriteTemplatesAsync(resource.Name, [single.Prepared], context.CancellationToken).ConfigureAwait(false);
            }
        }

        await chart.WriteChartAsync(environment.Chart, context.CancellationToken).ConfigureAwait(false);
        await chart.WriteValuesAsync(context.CancellationToken).ConfigureAwait(false);
        context.Report.Say(context.Step.Name, $"The Helm chart is {folder}");
    }
}
