using Sluice.Contracts;
using Sluice.Gateway.Forwarding;

namespace Sluice.Gateway;

/// <summary>Bodies for errors that have none: in the form of the protocol whose path was asked for, else problem details.</summary>
internal static class ErrorPages
{
    private static readonly string[] MlflowPaths = [InferencePaths.Ping, InferencePaths.Health, InferencePaths.ServerVersion];

    public static void UseErrorPages(this WebApplication app) => app.UseStatusCodePages(page => WriteAsync(page.HttpContext));

    private static async Task WriteAsync(HttpContext context)
    {
        if (ProtocolOf(context.Request.Path) is { } protocol)
        {
            await Of(protocol, context.Response.StatusCode).WriteBodyAsync(context.Response);
        }
        else
        {
            await WriteProblemAsync(context);
        }
    }

    private static InferenceProtocol? ProtocolOf(PathString path) =>
        path.StartsWithSegments(InferencePaths.ServerMetadata, StringComparison.Ordinal) ? InferenceProtocol.V2
        : path.StartsWithSegments("/v1", StringComparison.Ordinal) ? InferenceProtocol.V1
        : path.StartsWithSegments("/models", StringComparison.Ordinal) || MlflowPaths.Contains(path.Value) ? InferenceProtocol.MlflowScoring
        : null;

    private static Refusal Of(InferenceProtocol protocol, int status) => new(protocol, FaultClass.Client, status, MessageFor(status));

    private static string MessageFor(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this path. GET / tells what to ask.",
        StatusCodes.Status405MethodNotAllowed => "This path does not take this method; the header Allow names those it takes.",
        _ => "The request was refused.",
    };

    private static ValueTask<bool> WriteProblemAsync(HttpContext context) => context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(
        new ProblemDetailsContext { HttpContext = context, ProblemDetails = { Status = context.Response.StatusCode, Detail = DetailFor(context) } });

    private static string DetailFor(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout =>
            "The Registry does not answer. Inference goes on by the last known good state.",
        var status => MessageFor(status),
    };
}
