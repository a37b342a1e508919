using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Protocols;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>An inference request over HTTP, in one of the formats of its body.</summary>
internal sealed class HttpExchange(HttpContext context, IInferenceFormat format) : IInferenceExchange
{
    private const int FirstAnswerBytes = 4096;

    public CancellationToken Abandoned => context.RequestAborted;

    public TimeSpan? ReadTimeout() => RequestDeadline.Read(context.Request.Headers);

    public (string Model, string? Version) ReadTarget() =>
        ((string)context.Request.RouteValues["model"]!, context.Request.RouteValues["version"] as string);

    public void Found(ModelVersion version)
    {
        var headers = context.Response.Headers;
        headers[SluiceHeaders.Version] = version.Version.ToString(CultureInfo.InvariantCulture);
        headers[SluiceHeaders.Digest] = version.Digest;
        headers[SluiceHeaders.Fault] = FaultClass.Ok.Label();
    }

    public async ValueTask<InferenceRequest> ReadAsync(SessionSignature signature, CancellationToken cancellationToken)
    {
        format.CheckHeaders(context.Request);
        using var body = await RequestBody.ReadAsync(context.Request, cancellationToken);
        return format.Read(body.WrittenSpan, signature);
    }

    public async ValueTask AnswerAsync(InferenceAnswer answer, CancellationToken cancellationToken)
    {
        using var body = new PooledBuffer(FirstAnswerBytes);
        format.Write(body, answer.Version, answer.Request, answer.Outputs);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory, cancellationToken);
    }

    public ValueTask FailAsync(InferenceException failure) => new(InferenceErrors.WriteAsync(context, format.Protocol, failure));
}
