using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Predictor.Inference;

/// <summary>Answers a request that cannot be answered.</summary>
internal static class InferenceErrors
{
    public static async Task WriteAsync(HttpContext context, InferenceProtocol protocol, InferenceException failure)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort(); // an answer that began must not look complete
            return;
        }

        response.StatusCode = failure.Status;
        response.Headers[SluiceHeaders.Fault] = failure.Fault.Label();
        if (failure.RetryAfter is { } pause)
        {
            response.Headers.RetryAfter = Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (failure.Fault == FaultClass.Cancelled)
        {
            return; // nobody reads it
        }

        var body = InferenceError.Body(protocol, failure.Status, failure.Message);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }
}
