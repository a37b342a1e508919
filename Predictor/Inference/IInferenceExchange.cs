using Sluice.Contracts;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>One request and its answer on whatever wire it came: what <see cref="InferenceHandler"/> asks of it, in this order.</summary>
internal interface IInferenceExchange
{
    /// <summary>Cancelled when the caller leaves.</summary>
    public CancellationToken Abandoned { get; }

    /// <summary>The time that the caller gives it outside of the body; null for the server's own.</summary>
    /// <exception cref="InferenceException">It is malformed, or over.</exception>
    public TimeSpan? ReadTimeout();

    /// <summary>The model, and the version where one is named.</summary>
    /// <exception cref="InferenceException">They cannot be told.</exception>
    public (string Model, string? Version) ReadTarget();

    /// <summary>The version was found: the answer, a failure too, tells which it is.</summary>
    public void Found(ModelVersion version);

    /// <summary>Reads the request; the handler disposes it.</summary>
    /// <exception cref="InferenceException">It is malformed, or does not fit the model.</exception>
    public ValueTask<InferenceRequest> ReadAsync(SessionSignature signature, CancellationToken cancellationToken);

    /// <summary>Sends the answer.</summary>
    /// <param name="answer">What was asked and what was computed.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="InferenceException">The outputs cannot be written in this protocol.</exception>
    public ValueTask AnswerAsync(InferenceAnswer answer, CancellationToken cancellationToken);

    /// <summary>Sends a failure in the protocol's form.</summary>
    public ValueTask FailAsync(InferenceException failure);
}

/// <summary>What there is to say about a request that was computed.</summary>
/// <param name="Version">That computed it.</param>
/// <param name="Classes">Where its classes stand; null when it is no classifier.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Outputs">In the order asked for.</param>
internal readonly record struct InferenceAnswer(ModelVersion Version, ClassOutput? Classes, InferenceRequest Request, OutputTensors Outputs);
