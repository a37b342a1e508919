using Grpc.Core;
using Sluice.Contracts;

namespace Sluice.Predictor.Grpc;

/// <summary>
/// Tells a badly framed or compressed message as what it is, the caller's fault. The library reads messages before any code of ours sees the call, and
/// answers INTERNAL or UNKNOWN to what it cannot read, which here would say that the model failed.
/// </summary>
internal static class FramingFaults
{
    public const string Explanation = "The message cannot be read: expected are its five bytes of header and then its bytes, compressed as grpc-encoding says.";

    private const string CodeHeader = "grpc-status";
    private const string MessageHeader = "grpc-message";
    private const string ContentType = "application/grpc";

    public static void UseFramingFaults(this WebApplication app) => app.UseWhen(
        context => context.Request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) == true,
        grpc => grpc.Use(static async (context, next) =>
        {
            await next(context);
            Correct(context.Response);
        }));

    // A failure before the answer began is still there to be corrected. Ours name their class.
    private static void Correct(HttpResponse response)
    {
        if (response.HasStarted || response.Headers.ContainsKey(SluiceHeaders.Fault)
            || !Enum.TryParse<StatusCode>(response.Headers[CodeHeader], out var code) || code is not (StatusCode.Internal or StatusCode.Unknown))
        {
            return;
        }

        response.Headers[CodeHeader] = ((int)StatusCode.InvalidArgument).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers[SluiceHeaders.Fault] = FaultClass.Client.Label();
        if (code == StatusCode.Unknown)
        {
            response.Headers[MessageHeader] = Explanation;
        }
    }
}
