using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Protocols;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>An inference request over HTTP, in one of the formats of its body.</summary>
internal sealed class HttpExchange(HttpContext context, IInferenceFormat format, HttpInference inference) : IInferenceExchange
{
    private const int FirstAnswerBytes = 4096;
    private ModelVersion? _version;

    public CancellationToken Abandoned => context.RequestAborted;

    public TimeSpan? ReadTimeout() => RequestDeadline.Read(context.Request.Headers);

    public (string Model, string? Version) ReadTarget() => inference.Target(context);

    public void Found(ModelVersion version)
    {
        _version = version;
        var headers = context.Response.Headers;
        headers[SluiceHeaders.Version] = version.Version.ToString(CultureInfo.InvariantCulture);
        headers[SluiceHeaders.Digest] = version.Digest;
        headers[SluiceHeaders.Fault] = FaultClass.Ok.Label();
    }

    public async ValueTask<InferenceRequest> ReadAsync(SessionSignature signature, CancellationToken cancellationToken)
    {
        await using var body = new RequestBody(context.Request, inference.MaxBodyBytes);
        return await format.ReadAsync(body, new AskedVersion(_version!, signature), cancellationToken);
    }

    public async ValueTask AnswerAsync(InferenceAnswer answer, CancellationToken cancellationToken)
    {
        using var json = new PooledBuffer(FirstAnswerBytes);
        var binary = format.Write(json, answer);

        // The last look at the deadline. From here on the answer is on its way, and one that ended half sent would have the refusal's bytes behind its own.
        cancellationToken.ThrowIfCancellationRequested();
        if (binary is not null)
        {
            await HttpAnswer.SendBinaryAsync(context.Response, json, answer.Outputs, binary, Abandoned);
        }
        else
        {
            await HttpAnswer.SendJsonAsync(context, json, inference.CompressedFrom, Abandoned);
        }
    }

    public ValueTask FailAsync(InferenceException failure) => new(InferenceErrors.WriteAsync(context, format.Protocol, failure));
}
