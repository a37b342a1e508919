using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>What a resource is told, with values that nobody has resolved.</summary>
internal static class PublishedValues
{
    /// <summary>The environment variables: text, numbers, or values that a manifest can name.</summary>
    public static async Task<Dictionary<string, object>> EnvironmentOfAsync(
        IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }

        return context.EnvironmentVariables;
    }

    /// <summary>The arguments: text, or values that a manifest can name.</summary>
    public static async Task<IReadOnlyList<object>> ArgumentsOfAsync(IResource resource, CancellationToken cancellationToken)
    {
        var args = new List<object>();
        var context = new CommandLineArgsCallbackContext(args, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }

        return args;
    }

    /// <summary>The value itself where a builder was set in its place.</summary>
    public static object Unwrap(object value) => value is IResourceBuilder<IResource> builder ? builder.Resource : value;
}
