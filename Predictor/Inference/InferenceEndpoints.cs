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
    public static WebApplicationBuilder AddInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<InferenceHandler>();
        builder.Services.AddSingleton<PredictorMetrics>();
        builder.Services.AddSingleton<PredictorPage>();
        builder.Services.AddMetricSource<PredictorPage>();
        builder.Services.AddSingleton<HttpInference>();
        builder.Services.AddSingleton<V2Format>();
        builder.Services.AddSingleton<MlflowFormat>();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = kestrel.ApplicationServices.GetRequiredService<IOptions<PredictorOptions>>().Value.MaxRequestBodyBytes;
        });
        return builder;
    }

    public static WebApplication MapInference(this WebApplication app)
    {
        var inference = app.Services.GetRequiredService<HttpInference>();
        var v2 = inference.Answer(app.Services.GetRequiredService<V2Format>());
        var mlflow = inference.Answer(app.Services.GetRequiredService<MlflowFormat>());

        app.UseStatusCodePages(ExplainAsync);
        app.MapPost(InferencePaths.Model + InferencePaths.InferSuffix, v2);
        app.MapPost(InferencePaths.ModelVersion + InferencePaths.InferSuffix, v2);
        app.MapPost(InferencePaths.Invocations, mlflow);
        app.MapPost(InferencePaths.VersionInvocations, mlflow);
        app.MapModelMetadata();
        return app;
    }

    // Routing says no more than the status.
    private static Task ExplainAsync(StatusCodeContext refused) => refused.HttpContext.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => RefuseAsync(refused.HttpContext, "There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => RefuseAsync(refused.HttpContext, $"The method {refused.HttpContext.Request.Method} is not for this path."),
        _ => Task.CompletedTask,
    };

    private static Task RefuseAsync(HttpContext context, string message) =>
        InferenceErrors.WriteAsync(context, InferenceProtocol.V2, InferenceException.Client(message, context.Response.StatusCode));
}
