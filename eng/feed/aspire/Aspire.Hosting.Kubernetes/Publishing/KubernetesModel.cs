using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Makes of resources what they become in a cluster; each once, and whenever another one first asks for its address.</summary>
internal sealed class KubernetesModel(
    KubernetesEnvironmentResource environment, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
{
    private readonly Dictionary<IResource, KubernetesResource> _made = [];
    private readonly PortAllocator _ports = new();

    public async Task<KubernetesResource> GetAsync(IResource resource)
    {
        if (_made.TryGetValue(resource, out var made))
        {
            return made;
        }

        // Known before its variables are looked at: two resources may name one another.
        made = _made[resource] = new KubernetesResource(resource.Name, resource, environment);
        made.Endpoints = KubernetesEndpoint.Of(resource, _ports, made.Parameters);
        await AddEnvironmentAsync(made).ConfigureAwait(false);
        foreach (var argument in await PublishedValues.ArgumentsOfAsync(resource, cancellationToken).ConfigureAwait(false))
        {
            made.Arguments.Add((await TranslateAsync(made, argument, isPartOfText: false).ConfigureAwait(false)).ToString()!);
        }

        WorkloadFactory.AddObjects(made);
        return made;
    }

    private async Task AddEnvironmentAsync(KubernetesResource made)
    {
        var name = made.Target.Name;
        var variables = await PublishedValues.EnvironmentOfAsync(made.Target, executionContext, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
        foreach (var (key, value) in variables)
        {
            if (IsAddressThatNobodyServes(key, value))
            {
                continue;
            }

            var translated = await TranslateAsync(made, value, isPartOfText: false).ConfigureAwait(false);
            var text = translated.ToString()!;
            var isSecret = HelmText.HasSecret(text);
            var section = isSecret ? HelmText.Secrets : HelmText.Config;
            (isSecret ? made.Secrets : made.Config)[key] = translated as HelmValue ?? new HelmValue(HelmText.Value(section, name, key), text);
        }
    }

    /// <summary>No container has a certificate. The short form of the same address, <c>REGISTRY_HTTPS</c>, stays, though: so it is with the real publisher.</summary>
    private static bool IsAddressThatNobodyServes(string key, object value) =>
        value is EndpointReference { Scheme: "https" } && key.StartsWith("services__", StringComparison.Ordinal);

    /// <summary>A text, or a parameter's value by itself.</summary>
    private async Task<object> TranslateAsync(KubernetesResource made, object value, bool isPartOfText) => PublishedValues.Unwrap(value) switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        EndpointReference endpoint => await ValueOfAsync(endpoint, EndpointProperty.Url, isPartOfText).ConfigureAwait(false),
        EndpointReferenceExpression part => await ValueOfAsync(part.Endpoint, part.Property, isPartOfText).ConfigureAwait(false),
        ParameterResource parameter => ValueOf(made, parameter),
        IResourceWithConnectionString other => await TranslateAsync(made, other.ConnectionStringExpression, isPartOfText).ConfigureAwait(false),
        ReferenceExpression expression => await ComposeAsync(made, expression, isPartOfText).ConfigureAwait(false),
        var other => throw new DistributedApplicationException($"Resource '{made.Name}' is told a {other.GetType().Name}, which cannot be published."),
    };

    private async Task<object> ComposeAsync(KubernetesResource made, ReferenceExpression expression, bool isPartOfText)
    {
        if (expression is { Format: "{0}", ValueProviders: [var only] })
        {
            var alone = await TranslateAsync(made, only, isPartOfText).ConfigureAwait(false);
            return isPartOfText ? alone.ToString()! : alone;
        }

        var parts = new object[expression.ValueProviders.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = await TranslateAsync(made, expression.ValueProviders[i], isPartOfText: true).ConfigureAwait(false);
        }

        return string.Format(CultureInfo.InvariantCulture, expression.Format, parts);
    }

    private async Task<string> ValueOfAsync(EndpointReference endpoint, EndpointProperty property, bool isPartOfText)
    {
        var owner = await GetAsync(endpoint.Resource).ConfigureAwait(false);
        return owner.Endpoints.TryGetValue(endpoint.EndpointName, out var found)
            ? found.Value(property, isPartOfText)
            : throw new DistributedApplicationException($"Resource '{endpoint.Resource.Name}' has no endpoint named '{endpoint.EndpointName}'.");
    }

    /// <summary>A parameter is a value of each resource that uses it, under the parameter's name.</summary>
    private static HelmValue ValueOf(KubernetesResource made, ParameterResource parameter) =>
        new(HelmText.Value(parameter.Secret ? HelmText.Secrets : HelmText.Config, made.Target.Name, parameter.Name), null)
        {
            Parameter = parameter,
            Key = HelmText.Key(parameter.Name),
        };
}
