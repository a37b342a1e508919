using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>How a protocol writes a request and its answer.</summary>
internal interface IInferenceFormat
{
    /// <summary>The form of its errors.</summary>
    public InferenceProtocol Protocol { get; }

    /// <summary>Checks the headers that say how the body is to be read.</summary>
    /// <exception cref="InferenceException">It cannot be read.</exception>
    public void CheckHeaders(HttpRequest request);

    /// <summary>Reads a request. The caller disposes it.</summary>
    /// <exception cref="InferenceException">It is malformed, or does not fit the model.</exception>
    public InferenceRequest Read(ReadOnlySpan<byte> body, SessionSignature signature);

    /// <summary>Writes an answer.</summary>
    /// <exception cref="InferenceException">The answer holds a number that the protocol cannot carry.</exception>
    public void Write(PooledBuffer target, ModelVersion version, InferenceRequest request, OutputTensors outputs);
}
