using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Tests;

/// <summary>An application that is described but not started: its endpoints get made-up addresses.</summary>
internal sealed class ModelStage
{
    private const int FirstPort = 40_000;

    public IDistributedApplicationBuilder Builder { get; } = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    public IResourceBuilder<ProjectResource> Add(string name) => Builder.AddProject<Project>(name, launchProfileName: null);

    public ModelStage Configure(string key, string value)
    {
        Builder.Configuration[key] = value;
        return this;
    }

    /// <summary>The environment that DCP would be told: ports 40000, 40001 and so on for the endpoints in their order.</summary>
    public async Task<IReadOnlyDictionary<string, string>> EnvironmentOfAsync(IResourceBuilder<IResource> resource)
    {
        var port = FirstPort;
        foreach (var service in Builder.Resources.SelectMany(ServicePlan.For))
        {
            service.Allocate(service.Endpoint.Port is > 0 and var chosen ? chosen : port++);
        }

        var variables = await ProcessEnvironment.EvaluateAsync(
            resource.Resource, Builder.ExecutionContext, NullLogger.Instance, TestContext.Current.CancellationToken);
        return variables.ToDictionary(variable => variable.Name, variable => variable.Value);
    }

    private sealed class Project : IProjectMetadata
    {
        public string ProjectPath => "/src/Project/Project.csproj";
    }
}
