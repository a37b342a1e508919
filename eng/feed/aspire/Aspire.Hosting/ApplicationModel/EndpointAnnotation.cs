using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port on which a resource listens.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly TaskCompletionSource<AllocatedEndpoint> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Describes an endpoint; unset parts follow from the scheme.</summary>
    public EndpointAnnotation(
        ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null,
        int? port = null, int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Transport = transport ?? (UriScheme is "http" or "https" ? "http" : UriScheme);
        Name = ModelName.Validate("Endpoint", name ?? UriScheme);
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
    }

    /// <summary>Unique within the resource.</summary>
    public string Name { get; set; }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The port clients use: fixed, or null for one that DCP picks.</summary>
    public int? Port { get; set; }

    /// <summary>The port the process listens on: fixed, or null for one that DCP picks for each replica.</summary>
    public int? TargetPort { get; set; }

    /// <summary>The host the process binds to.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>Scheme of the endpoint's URL.</summary>
    public string UriScheme { get; set; }

    /// <summary>http, http2 or tcp.</summary>
    public string Transport { get; set; }

    /// <summary>Whether a deployment shows the endpoint to the outside.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether DCP's proxy stands before the process, so that the port outlives it and replicas share it.</summary>
    public bool IsProxied { get; set; }

    /// <summary>The address in use; null until the application has started.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocated.Task.IsCompletedSuccessfully ? _allocated.Task.Result : null;
        set => _allocated.TrySetResult(value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>The variable that gets the target port; such an endpoint is not in ASPNETCORE_URLS.</summary>
    internal string? TargetPortVariable { get; init; }

    internal Task<AllocatedEndpoint> GetAllocatedAsync(CancellationToken cancellationToken) => _allocated.Task.WaitAsync(cancellationToken);
}

/// <summary>The address of an endpoint while the application runs.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="address">Host for clients.</param>
/// <param name="port">Port for clients.</param>
/// <param name="targetPortExpression">The process's own port: a number, or the template by which DCP puts one in for each replica.</param>
public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
{
    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>Host for clients.</summary>
    public string Address { get; } = address;

    /// <summary>Port for clients.</summary>
    public int Port { get; } = port;

    /// <summary>The process's own port, possibly as a template of DCP.</summary>
    public string? TargetPortExpression { get; } = targetPortExpression;

    /// <summary>Scheme of the URL.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Host and port.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary>The URL.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc />
    public override string ToString() => UriString;
}
