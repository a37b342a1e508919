using System.Text.Json.Serialization;

namespace Aspire.Hosting.Dcp;

/// <summary>An object of DCP's Kubernetes-like API.</summary>
internal sealed record DcpObject<TSpec, TStatus>
{
    public string ApiVersion { get; init; } = "usvc-dev.developer.microsoft.com/v1";

    public string? Kind { get; init; }

    public required DcpMetadata Metadata { get; init; }

    public required TSpec Spec { get; init; }

    public TStatus? Status { get; init; }
}

internal sealed record DcpMetadata(string Name)
{
    public Dictionary<string, string>? Annotations { get; init; }

    public IReadOnlyList<DcpOwner>? OwnerReferences { get; init; }
}

internal sealed record DcpOwner(string Kind, string Name);

/// <summary>A port with DCP's proxy on it.</summary>
internal sealed record ServiceSpec
{
    // Without it DCP's controller panics again and again and the service never gets an address.
    public string Protocol { get; init; } = "TCP";

    public int? Port { get; init; }

    public string? Address { get; init; }

    public string? AddressAllocationMode { get; init; }
}

internal sealed record ServiceStatus(string? State, string? EffectiveAddress, int? EffectivePort, int? ProxyProcessPid);

/// <summary>A process.</summary>
internal sealed record ExecutableSpec
{
    public required string ExecutablePath { get; init; }

    public string? WorkingDirectory { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public IReadOnlyList<DcpVariable>? Env { get; init; }

    public string ExecutionType { get; init; } = "Process";
}

internal sealed record DcpVariable(string Name, string Value);

internal sealed record ExecutableStatus
{
    public string? State { get; init; }

    public int? Pid { get; init; }

    public int? ExitCode { get; init; }

    public DateTime? StartupTimestamp { get; init; }

    public DateTime? FinishTimestamp { get; init; }

    public IReadOnlyList<DcpVariable>? EffectiveEnv { get; init; }

    public IReadOnlyList<string>? EffectiveArgs { get; init; }
}

/// <summary>A process that listens behind a service; DCP makes and removes it.</summary>
internal sealed record EndpointSpec(string? ServiceName, string? Address, int? Port);

/// <summary>What a process produces; goes into an annotation as JSON text.</summary>
internal sealed record ServiceProducer(string ServiceName, string? Address, int? Port);

internal sealed record DcpWatchEvent<T>(string Type, T Object);

internal sealed record DcpExecution(string? Status, string? ShutdownResourceCleanup = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DcpObject<ServiceSpec, ServiceStatus>))]
[JsonSerializable(typeof(DcpObject<ExecutableSpec, ExecutableStatus>))]
[JsonSerializable(typeof(DcpWatchEvent<DcpObject<ExecutableSpec, ExecutableStatus>>))]
[JsonSerializable(typeof(DcpWatchEvent<DcpObject<EndpointSpec, ServiceStatus>>))]
[JsonSerializable(typeof(IReadOnlyList<ServiceProducer>))]
[JsonSerializable(typeof(DcpExecution))]
internal sealed partial class DcpJson : JsonSerializerContext;
