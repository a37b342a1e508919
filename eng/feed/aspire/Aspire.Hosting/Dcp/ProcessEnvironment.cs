using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>Asks for the environment variables of a resource and waits for the values in them.</summary>
internal static class ProcessEnvironment
{
    public static async Task<IReadOnlyList<DcpVariable>> EvaluateAsync(
        IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }

        if (resource is ProjectResource && ListenUrls(resource) is { Length: > 0 } urls)
        {
            context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", urls);
        }

        var variables = new List<DcpVariable>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (await ResolveAsync(resource, name, value, cancellationToken).ConfigureAwait(false) is { } text)
            {
                variables.Add(new DcpVariable(name, text));
            }
        }

        return variables;
    }

    private static async ValueTask<string?> ResolveAsync(IResource resource, string name, object? value, CancellationToken cancellationToken) => value switch
    {
        null => null,
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(cancellationToken).ConfigureAwait(false),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(cancellationToken).ConfigureAwait(false),
        bool or int or long or double => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
        _ => throw new DistributedApplicationException(
            $"Environment variable '{name}' of resource '{resource.Name}' is set to a {value.GetType().Name}; only text and value providers are possible."),
    };

    /// <summary>Endpoints whose port goes into a variable of its own are the program's affair.</summary>
    private static string ListenUrls(IResource resource) => string.Join(';', ServicePlan.For(resource)
        .Where(service => service.Endpoint.TargetPortVariable is null && service.Endpoint.UriScheme is "http" or "https")
        .Select(service => $"{service.Endpoint.UriScheme}://{service.Endpoint.TargetHost}:{service.TargetPortExpression}"));
}
