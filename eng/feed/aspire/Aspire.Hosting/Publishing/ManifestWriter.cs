using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes resources into a manifest.</summary>
/// <param name="json">The manifest.</param>
/// <param name="folder">The folder that the manifest lies in; paths are relative to it.</param>
/// <param name="executionContext">Publish.</param>
/// <param name="logger">For callbacks.</param>
internal sealed class ManifestWriter(Utf8JsonWriter json, string folder, DistributedApplicationExecutionContext executionContext, ILogger logger)
{
    private readonly PortAllocator _ports = new();

    public async Task WriteAsync(IResource resource, CancellationToken cancellationToken)
    {
        json.WriteStartObject(resource.Name);
        switch (resource)
        {
            case ContainerResource container:
                await WriteContainerAsync(container, cancellationToken).ConfigureAwait(false);
                break;
            case ProjectResource project:
                json.WriteString("type", Typed("project", project));
                json.WriteString("path", Relative(project.GetProjectMetadata().ProjectPath));
                await WriteProcessAsync(project, cancellationToken).ConfigureAwait(false);
                break;
            case ExecutableResource executable:
                await WriteExecutableAsync(executable, cancellationToken).ConfigureAwait(false);
                break;
            case ParameterResource parameter:
                WriteParameter(parameter);
                break;
            default:
                json.WriteString("error", "This resource does not support generation in the manifest.");
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>Where an environment deploys the resource, its description is the newer one.</summary>
    private static string Typed(string type, IResource resource) => resource.Annotations.OfType<DeploymentTargetAnnotation>().Any() ? $"{type}.v1" : $"{type}.v0";

    private string Relative(string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    private async Task WriteContainerAsync(ContainerResource container, CancellationToken cancellationToken)
    {
        json.WriteString("type", Typed("container", container));
        WriteConnectionString(container);
        json.WriteString("image", container.Annotations.OfType<ContainerImageAnnotation>().Last().FullName);
        if (container.Entrypoint is not null)
        {
            json.WriteString("entrypoint", container.Entrypoint);
        }

        WriteArguments(await PublishedValues.ArgumentsOfAsync(container, cancellationToken).ConfigureAwait(false));
        WriteVolumes(container);
        await WriteProcessAsync(container, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteExecutableAsync(ExecutableResource executable, CancellationToken cancellationToken)
    {
        json.WriteString("type", "executable.v0");
        WriteConnectionString(executable);
        json.WriteString("workingDirectory", Relative(executable.WorkingDirectory));
        json.WriteString("command", executable.Command);
        WriteArguments(executable.Annotations.OfType<LaunchAnnotation>().Last().Arguments);
        await WriteProcessAsync(executable, cancellationToken).ConfigureAwait(false);
    }

    private void WriteConnectionString(IResource resource)
    {
        if (resource is IResourceWithConnectionString { ConnectionStringExpression: var connectionString })
        {
            json.WriteString("connectionString", connectionString.ValueExpression);
        }
    }

    private void WriteArguments(IReadOnlyList<object> arguments)
    {
        if (arguments.Count == 0)
        {
            return;
        }

        json.WriteStartArray("args");
        foreach (var argument in arguments)
        {
            json.WriteStringValue(Text(argument));
        }

        json.WriteEndArray();
    }

    private void WriteVolumes(ContainerResource container)
    {
        var volumes = container.Annotations.OfType<VolumeAnnotation>().ToList();
        if (volumes.Count == 0)
        {
            return;
        }

        json.WriteStartArray("volumes");
        foreach (var volume in volumes)
        {
            json.WriteStartObject();
            if (volume.Source is not null)
            {
                json.WriteString("name", volume.Source);
            }

            json.WriteString("target", volume.Target);
            json.WriteBoolean("readOnly", volume.IsReadOnly);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The variables and the endpoints.</summary>
    private async Task WriteProcessAsync(IResource resource, CancellationToken cancellationToken)
    {
        var variables = await PublishedValues.EnvironmentOfAsync(resource, executionContext, logger, cancellationToken).ConfigureAwait(false);
        if (variables.Count > 0)
        {
            json.WriteStartObject("env");
            foreach (var (name, value) in variables)
            {
                json.WriteString(name, Text(value));
            }

            json.WriteEndObject();
        }

        var endpoints = PublishedEndpoint.Of(resource, _ports);
        if (endpoints.Count > 0)
        {
            json.WriteStartObject("bindings");
            foreach (var endpoint in endpoints)
            {
                WriteBinding(endpoint);
            }

            json.WriteEndObject();
        }
    }

    private void WriteBinding(PublishedEndpoint published)
    {
        var endpoint = published.Endpoint;
        json.WriteStartObject(endpoint.Name);
        json.WriteString("scheme", endpoint.UriScheme);
        json.WriteString("protocol", endpoint.Protocol.ToString().ToLowerInvariant());
        json.WriteString("transport", endpoint.Transport);
        if (published is { Port: { } port, IsPortImplied: false })
        {
            json.WriteNumber("port", port);
        }

        if (published.TargetPort is { } target)
        {
            json.WriteNumber("targetPort", target);
        }

        if (endpoint.IsExternal)
        {
            json.WriteBoolean("external", true);
        }

        json.WriteEndObject();
    }

    private void WriteParameter(ParameterResource parameter)
    {
        json.WriteString("type", "parameter.v0");
        json.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        json.WriteStartObject("inputs");
        json.WriteStartObject("value");
        json.WriteString("type", "string");
        if (parameter.Secret)
        {
            json.WriteBoolean("secret", true);
        }

        if (parameter.Default is { } fallback)
        {
            json.WriteStartObject("default");
            fallback.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Text(object value) => PublishedValues.Unwrap(value) switch
    {
        string text => text,
        IManifestExpressionProvider provider => provider.ValueExpression,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => throw new DistributedApplicationException($"A {other.GetType().Name} cannot stand in a manifest; only text, numbers and values that a manifest can name can."),
    };
}
