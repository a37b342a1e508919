namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where the dashboard shows a URL.</summary>
public enum UrlDisplayLocation
{
    /// <summary>In the table and in the details.</summary>
    SummaryAndDetails = 0,

    /// <summary>In the details only.</summary>
    DetailsOnly = 1,
}

/// <summary>A URL that the dashboard shows.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>Higher comes first.</summary>
#pragma warning disable CA1051 // a field in the real API, too
    public int? DisplayOrder;
#pragma warning restore CA1051

    /// <summary>The URL.</summary>
    public required string Url { get; set; }

    /// <summary>Text in the URL's place.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint behind it.</summary>
    public EndpointReference? Endpoint { get; init; }

    /// <summary>Where it is shown.</summary>
    public UrlDisplayLocation DisplayLocation { get; set; }
}

/// <summary>Changes how the URL of an endpoint is shown.</summary>
internal sealed record UrlForEndpointAnnotation(string EndpointName, Action<ResourceUrlAnnotation> Callback) : IResourceAnnotation;
