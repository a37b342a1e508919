using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.Protos;

namespace Sluice.Predictor.Grpc;

/// <summary>An inference request over gRPC.</summary>
/// <param name="message">The request.</param>
/// <param name="http">The call it came with; a stream has several requests.</param>
/// <param name="isOnlyOne">Whether it is all there is to the call.</param>
/// <param name="caller">How long the caller waits.</param>
/// <param name="sendAsync">Sends the answer. The message refers to memory that is gone afterwards.</param>
internal sealed class GrpcExchange(
    ModelInferRequest message, HttpContext http, bool isOnlyOne, CallerPatience caller, Func<ModelInferResponse, CancellationToken, Task> sendAsync)
    : IInferenceExchange
{
    public CancellationToken Abandoned => caller.Left;

    /// <summary>What went wrong; null when the answer was sent.</summary>
    public InferenceException? Failure { get; private set; }

    public TimeSpan? ReadTimeout() => caller.Remaining(RequestDeadline.Read(http.Request.Headers));

    public (string Model, string? Version) ReadTarget()
    {
        // Whoever forwards a call tells model and version beside the message, which it does not rewrite.
        var model = Agreed("model_name", message.ModelName, SluiceHeaders.Model);
        var version = Agreed("model_version", message.ModelVersion, SluiceHeaders.Version);
        return model.Length > 0 ? (model, version.Length > 0 ? version : null) : throw InferenceException.Client("model_name is missing.");
    }

    private string Agreed(string field, string inMessage, string header)
    {
        var beside = http.Request.Headers[header].ToString();
        return inMessage.Length == 0 ? beside
            : beside.Length == 0 || beside == inMessage ? inMessage
            : throw InferenceException.Client($"{field} is {Words.Quoted(inMessage)}, {header} is {Words.Quoted(beside)}.");
    }

    public void Found(ModelVersion version)
    {
        if (isOnlyOne)
        {
            // Not by the call's own method, which would send them at once, in a packet of their own.
            http.Response.Headers[SluiceHeaders.Version] = version.Version.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers[SluiceHeaders.Digest] = version.Digest;
        }
    }

    public ValueTask<InferenceRequest> ReadAsync(SessionSignature signature, CancellationToken cancellationToken) =>
        ValueTask.FromResult(InferRequestReader.Read(message, signature));

    public ValueTask AnswerAsync(InferenceAnswer answer, CancellationToken cancellationToken) =>
        new(sendAsync(InferResponseWriter.Write(answer, InferRequestReader.IsRaw(message)), cancellationToken));

    public ValueTask FailAsync(InferenceException failure)
    {
        Failure = failure;
        return ValueTask.CompletedTask;
    }
}
