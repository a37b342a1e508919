using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>An environment deploys the resource as another one.</summary>
/// <param name="Target">The other: what the resource is there.</param>
internal sealed record DeploymentTargetAnnotation(IResource Target) : IResourceAnnotation;

/// <summary>The resource sends telemetry; an environment that knows where to adds the variables.</summary>
internal sealed record OtlpExporterAnnotation : IResourceAnnotation;

/// <summary>The https endpoint that a project has only because it is published: no process listens there.</summary>
internal sealed record DefaultHttpsEndpointAnnotation(EndpointAnnotation Endpoint) : IResourceAnnotation;

/// <summary>The resource does not stand in the manifest.</summary>
internal sealed record ExcludedFromManifestAnnotation : IResourceAnnotation;
