using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Figures;
using Sluice.Predictor.Protocols;
using Sluice.ServiceDefaults.Metrics;

namespace Sluice.Predictor.Inference;

/// <summary>The public paths of a predictor.</summary>
internal static class InferenceEndpoints
{
    private static readonly string[] MlflowPaths = [InferencePaths.BareInvocations, InferencePaths.Ping, InferencePaths.Health, InferencePaths.ServerVersion];

    public static WebApplicationBuilder AddInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<InferenceHandler>();
        builder.Services.AddSingleton<HttpInference>();
        builder.Services.AddSingleton<RepositoryIndex>();
        builder.Services.AddSingleton<PredictorMetrics>();
        builder.Services.AddSingleton<PredictorPage>();
        builder.Services.AddMetricSource<PredictorPage>();
        builder.Services.AddSingleton<V2Format>();
        builder.Services.AddSingleton<V1Format>();
        builder.Services.AddSingleton<MlflowFormat>();
        builder.Services.AddSingleton<PredictFormat>();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = kestrel.ApplicationServices.GetRequiredService<IOptions<PredictorOptions>>().Value.MaxRequestBodyBytes;
        });
        return builder;
    }

    public static WebApplication MapInference(this WebApplication app)
    {
        app.UseStatusCodePages(ExplainAsync);
        app.MapFormat<V2Format>(InferencePaths.Model + InferencePaths.InferSuffix, InferencePaths.ModelVersion + InferencePaths.InferSuffix);
        app.MapFormat<V1Format>(InferencePaths.V1Model + InferencePaths.PredictVerb, InferencePaths.V1ModelVersion + InferencePaths.PredictVerb);
        app.MapFormat<MlflowFormat>(InferencePaths.Invocations, InferencePaths.VersionInvocations, InferencePaths.BareInvocations);
        app.MapFormat<PredictFormat>(InferencePaths.Predict, InferencePaths.VersionPredict, InferencePaths.BarePredict);
        app.MapModelMetadata();
        app.MapRepository();
        app.MapStatistics();
        app.MapV1Metadata();
        app.MapScoringServer();
        return app;
    }

    private static void MapFormat<TFormat>(this WebApplication app, params string[] paths)
        where TFormat : IInferenceFormat
    {
        var answer = app.Services.GetRequiredService<HttpInference>().Answer(app.Services.GetRequiredService<TFormat>());
        Array.ForEach(paths, path => app.MapPost(path, answer));
    }

    // Routing says no more than the status.
    private static Task ExplainAsync(StatusCodeContext refused) => refused.HttpContext.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => RefuseAsync(refused.HttpContext, "There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => RefuseAsync(refused.HttpContext, $"The method {Words.Cut(refused.HttpContext.Request.Method)} is not for this path."),
        _ => Task.CompletedTask,
    };

    private static Task RefuseAsync(HttpContext context, string message) =>
        InferenceErrors.WriteAsync(context, ProtocolOf(context.Request.Path.Value ?? ""), InferenceException.Client(message, context.Response.StatusCode));

    private static InferenceProtocol ProtocolOf(string path) => path.EndsWith(InferencePaths.BareInvocations, StringComparison.Ordinal) || MlflowPaths.Contains(path)
        ? InferenceProtocol.MlflowScoring
        : InferenceProtocol.V2;
}
