using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting;

/// <summary>Configures resources.</summary>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds arguments.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args)
        where T : IResourceWithArgs => builder.WithArgs(context =>
        {
            foreach (var arg in args)
            {
                context.Args.Add(arg);
            }
        });

    /// <summary>Adds arguments when the resource starts or is published.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, Action<CommandLineArgsCallbackContext> callback)
        where T : IResourceWithArgs => builder.WithAnnotation(new CommandLineArgsCallbackAnnotation(context =>
        {
            callback(context);
            return Task.CompletedTask;
        }));

    /// <summary>Leaves the resource out of the manifest.</summary>
    public static IResourceBuilder<T> ExcludeFromManifest<T>(this IResourceBuilder<T> builder)
        where T : IResource => builder.WithAnnotation(new ExcludedFromManifestAnnotation());

    /// <summary>Lets a deployment ask the resource over HTTP. Has no effect on a run.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="probeType">What is asked.</param>
    /// <param name="path">Path of the request; <c>/</c> by default.</param>
    /// <param name="initialDelaySeconds">Seconds before the first question; 5 by default.</param>
    /// <param name="periodSeconds">Seconds between two; 5 by default.</param>
    /// <param name="timeoutSeconds">Seconds for an answer; 1 by default.</param>
    /// <param name="failureThreshold">Failures in a row that count; 3 by default.</param>
    /// <param name="successThreshold">Successes in a row that count; 1 by default.</param>
    /// <param name="endpointName">The endpoint; by default https, else http.</param>
    [Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public static IResourceBuilder<T> WithHttpProbe<T>(
        this IResourceBuilder<T> builder, ProbeType probeType, string? path = null, int? initialDelaySeconds = null, int? periodSeconds = null,
        int? timeoutSeconds = null, int? failureThreshold = null, int? successThreshold = null, string? endpointName = null)
        where T : IResourceWithEndpoints, IResourceWithProbes
    {
        var name = endpointName ?? (builder.GetEndpoint("https").Exists ? "https" : "http");
        return builder.WithAnnotation(new HttpProbeAnnotation(
            probeType, builder.GetEndpoint(name), path ?? "/", initialDelaySeconds ?? 5, periodSeconds ?? 5, timeoutSeconds ?? 1, failureThreshold ?? 3,
            successThreshold ?? 1));
    }
}
