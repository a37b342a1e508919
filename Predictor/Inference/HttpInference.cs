using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Protocols;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>What inference requests over HTTP have alike: which model they ask, their limits, who answers them.</summary>
internal sealed class HttpInference(InferenceHandler handler, ServedVersions served, IOptions<PredictorOptions> options)
{
    /// <summary>Bytes that a body may have, decompressed.</summary>
    public long MaxBodyBytes { get; } = options.Value.MaxRequestBodyBytes;

    /// <summary>Bytes from which on an answer is compressed for a caller that takes it; null for never.</summary>
    public int? CompressedFrom { get; } = options.Value.CompressAnswersFrom;

    /// <summary>Answers requests of a format.</summary>
    public RequestDelegate Answer(IInferenceFormat format) => context => handler.HandleAsync(new HttpExchange(context, format, this));

    /// <summary>The model, and the version where one is named: from the path, else from headers, else the only one there is.</summary>
    /// <exception cref="InferenceException">The path and the header name different versions, or nothing says which of several models is meant (400).</exception>
    public (string Model, string? Version) Target(HttpContext context)
    {
        var version = context.Request.RouteValues["version"] as string;
        var pinned = context.Request.Headers[SluiceHeaders.Version];
        if (pinned.Count > 0 && version is not null && version != pinned)
        {
            throw InferenceException.Client($"The path says version {Words.Cut(version)}, the header {SluiceHeaders.Version} says {Words.Quoted(pinned.ToString())}.");
        }

        return (context.Request.RouteValues["model"] as string ?? Choose(context.Request.Headers), pinned.Count > 0 ? pinned.ToString() : version);
    }

    /// <summary>The model that a path without one means, where the header or the setting says so.</summary>
    public string? Named(IHeaderDictionary headers) =>
        headers.TryGetValue(SluiceHeaders.Model, out var named) ? named.ToString() : options.Value.DefaultModel;

    private string Choose(IHeaderDictionary headers)
    {
        if (Named(headers) is { } named)
        {
            return named;
        }

        string[] models = [.. served.All.Select(version => version.Artifact.Model).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return models switch
        {
            [var only] => only,
            [] => throw InferenceException.Capacity("No model is served here yet."),
            _ => throw InferenceException.Client(
                $"Which model? Name it in the header {SluiceHeaders.Model}, or use a path with it: {Words.List(models.Take(20))}{(models.Length > 20 ? " and others" : "")} are served."),
        };
    }
}
