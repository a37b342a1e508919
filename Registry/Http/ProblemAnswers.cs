using Microsoft.AspNetCore.Diagnostics;
using Sluice.Registry.Blobs;
using Sluice.Registry.Objects;
using Sluice.Registry.Store;

namespace Sluice.Registry.Http;

/// <summary>Every error is answered as ProblemDetails: what the client got wrong in words, what we got wrong without details.</summary>
internal sealed partial class ProblemAnswers(ILogger<ProblemAnswers> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var answer = exception switch
        {
            BadHttpRequestException mistake => Problems.Refused(mistake.StatusCode, mistake.Message),
            BlobStoreException { Fault: BlobStoreFault.NotKept } failure => Problems.Refused(StatusCodes.Status507InsufficientStorage, failure.Message),
            ObjectStoreException failure => Problems.Refused(StatusCodes.Status503ServiceUnavailable, failure.Message),
            BlobStoreException failure => Problems.Refused(StatusCodes.Status503ServiceUnavailable, failure.Message),
            StoreUnavailableException { MayBeDone: true } => Problems.Refused(
                StatusCodes.Status503ServiceUnavailable, "The store did not answer: whether the change was made is not known. Look before trying again."),
            StoreUnavailableException => Problems.Refused(StatusCodes.Status503ServiceUnavailable, "The store cannot be used now, and nothing was changed; try again. The Registry's log has the reason."),
            _ => Problems.Refused(StatusCodes.Status500InternalServerError, "The Registry failed on this request; its log has the reason."),
        };
        if (exception is StoreUnavailableException)
        {
            LogStoreUnavailable(httpContext.Request.Method, httpContext.Request.Path, exception.Message);
        }
        else if (exception is not BadHttpRequestException)
        {
            LogFailed(httpContext.Request.Method, httpContext.Request.Path, exception);
        }

        await answer.ExecuteAsync(httpContext);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} was refused: {Reason}")]
    private partial void LogStoreUnavailable(string method, string path, string reason);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(string method, string path, Exception exception);
}

/// <summary>Adds and uses <see cref="ProblemAnswers"/>.</summary>
internal static class ProblemAnswersSetup
{
    /// <summary>Adds the handler of exceptions.</summary>
    public static WebApplicationBuilder AddProblemAnswers(this WebApplicationBuilder builder)
    {
        builder.Services.AddExceptionHandler<ProblemAnswers>();

        // Otherwise a parameter that does not parse is answered with an empty 400 outside development.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return builder;
    }

    /// <summary>Answers exceptions, and statuses without a body, as problems.</summary>
    public static WebApplication UseProblemAnswers(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => Problems.Refused(
            context.HttpContext.Response.StatusCode,
            $"{context.HttpContext.Request.Method} {context.HttpContext.Request.Path} is nothing the Registry answers.").ExecuteAsync(context.HttpContext));
        return app;
    }
}
