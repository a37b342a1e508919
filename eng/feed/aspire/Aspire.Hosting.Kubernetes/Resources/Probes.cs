#pragma warning disable CS1591 // The members are the fields of the Kubernetes API that they are named after, in the order in which they are written.
namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A question to a container.</summary>
public sealed class ProbeV1
{
    public ExecActionV1? Exec { get; set; }

    public GrpcActionV1? Grpc { get; set; }

    public int? FailureThreshold { get; set; }

    public int? SuccessThreshold { get; set; }

    public int? InitialDelaySeconds { get; set; }

    public int? PeriodSeconds { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }

    public int? TimeoutSeconds { get; set; }

    public HttpGetActionV1? HttpGet { get; set; }

    public TcpSocketActionV1? TcpSocket { get; set; }
}

/// <summary>A command in the container.</summary>
public sealed class ExecActionV1
{
    public List<string> Command { get; } = [];
}

/// <summary>A gRPC health check.</summary>
public sealed class GrpcActionV1
{
    public int? Port { get; set; }

    public string? Service { get; set; }
}

/// <summary>An HTTP request.</summary>
public sealed class HttpGetActionV1
{
    public string? Scheme { get; set; }

    public string? Path { get; set; }

    public List<HttpHeaderV1> HttpHeaders { get; } = [];

    public string? Host { get; set; }

    public Int32OrStringV1? Port { get; set; }
}

/// <summary>A header of an HTTP request.</summary>
public sealed class HttpHeaderV1
{
    public string Name { get; set; } = null!;

    public string Value { get; set; } = null!;
}

/// <summary>A connection.</summary>
public sealed class TcpSocketActionV1
{
    public string? Host { get; set; }

    public Int32OrStringV1? Port { get; set; }
}
