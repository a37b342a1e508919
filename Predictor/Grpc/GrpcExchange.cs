using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Protos;
using Sluice.Predictor.Runtime;

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
        if (message.ModelName.Length == 0)
        {
            throw InferenceException.Client("model_name is missing.");
        }

        // Whoever forwards a call pins the version without a look into the message.
        var pinned = http.Request.Headers[SluiceHeaders.Version].ToString();
        return (message.ModelVersion, pinned) switch
        {
            ("", "") => (message.ModelName, null),
            ("", _) => (message.ModelName, pinned),
            (var version, _) when pinned.Length == 0 || pinned == version => (message.ModelName, version),
            _ => throw InferenceException.Client($"model_version is {Words.Quoted(message.ModelVersion)}, {SluiceHeaders.Version} is {Words.Quoted(pinned)}."),
        };
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
