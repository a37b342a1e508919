using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a probe asks.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public enum ProbeType
{
    /// <summary>Whether the program has started.</summary>
    Startup = 0,

    /// <summary>Whether it takes requests.</summary>
    Readiness = 1,

    /// <summary>Whether it lives, or has to be restarted.</summary>
    Liveness = 2,
}

/// <summary>A question over HTTP that a platform asks of a resource.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
internal sealed record HttpProbeAnnotation(
    ProbeType Type, EndpointReference Endpoint, string Path, int InitialDelaySeconds, int PeriodSeconds, int TimeoutSeconds, int FailureThreshold,
    int SuccessThreshold) : IResourceAnnotation;
