using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Configures resources.</summary>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value ?? "");

    /// <summary>Sets an environment variable to text that is asked for at the start.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, Func<string> callback)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = callback());

    /// <summary>Sets an environment variable to text with values in it that are known at the start.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, in ReferenceExpression.ExpressionInterpolatedStringHandler value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(name, ReferenceExpression.Create(value));

    /// <summary>Sets an environment variable to a value that is known at the start: an endpoint, a part of its address, an expression.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IExpressionValue value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value);

    /// <summary>Sets an environment variable to the value of a parameter.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment =>
        builder.WithEnvironment(name, parameter.Resource).WithRelationship(parameter.Resource, "Reference");

    /// <summary>Adds environment variables at the start.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentCallbackContext> callback)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context =>
        {
            callback(context);
            return Task.CompletedTask;
        });

    /// <summary>Adds environment variables at the start.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Func<EnvironmentCallbackContext, Task> callback)
        where T : IResourceWithEnvironment => builder.WithAnnotation(new EnvironmentCallbackAnnotation(callback));

    /// <summary>Tells the resource where another one listens: service discovery variables for each of its endpoints.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder
        .WithRelationship(source.Resource, "Reference")
        .WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.GetEndpoints())
            {
                AddServiceDiscovery(context.EnvironmentVariables, endpoint);
            }
        });

    /// <summary>Tells the resource about one endpoint of another.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment => builder
        .WithRelationship(endpointReference.Resource, "Reference")
        .WithEnvironment(context => AddServiceDiscovery(context.EnvironmentVariables, endpointReference));

    /// <summary>
    /// <c>services__order-api__http__0</c> for service discovery in .NET, and <c>ORDER_API_HTTP</c> for everyone. Endpoints that are named
    /// after their scheme stand under the scheme, others under their own name, counted where two meet.
    /// </summary>
    private static void AddServiceDiscovery(Dictionary<string, object> variables, EndpointReference endpoint)
    {
        var resource = endpoint.Resource.Name;
        var isNamedAfterScheme = endpoint.EndpointName.Equals("http", StringComparison.OrdinalIgnoreCase)
            || endpoint.EndpointName.Equals("https", StringComparison.OrdinalIgnoreCase);
        variables[$"{ModelName.ToVariable(resource)}_{ModelName.ToVariable(endpoint.EndpointName)}"] = endpoint;
        for (var index = 0; ; index++)
        {
            var key = $"services__{resource}__{(isNamedAfterScheme ? endpoint.Scheme : endpoint.EndpointName)}__{index}";
            if (!variables.TryGetValue(key, out var taken) || (taken is EndpointReference same && same.EndpointAnnotation == endpoint.EndpointAnnotation))
            {
                variables[key] = endpoint;
                return;
            }
        }
    }
}
