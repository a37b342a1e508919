using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>How a protocol writes a request and its answer over HTTP.</summary>
internal interface IInferenceFormat
{
    /// <summary>The form of its errors.</summary>
    public InferenceProtocol Protocol { get; }

    /// <summary>Reads a request. The caller disposes it.</summary>
    /// <exception cref="InferenceException">It is malformed, or does not fit the model.</exception>
    public ValueTask<InferenceRequest> ReadAsync(RequestBody body, AskedVersion asked, CancellationToken cancellationToken);

    /// <summary>Writes the JSON of an answer.</summary>
    /// <returns>The outputs whose bytes follow it, in this order; null for an answer that is only JSON.</returns>
    /// <exception cref="InferenceException">The answer holds a value that the protocol cannot carry.</exception>
    public IReadOnlyList<int>? Write(PooledBuffer target, in InferenceAnswer answer);
}

/// <summary>The version that a request asks, as its reader sees it.</summary>
/// <param name="Artifact">The version.</param>
/// <param name="Signature">What it takes and gives.</param>
internal readonly record struct AskedVersion(ModelVersion Artifact, SessionSignature Signature);
