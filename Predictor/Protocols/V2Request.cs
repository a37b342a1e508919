using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>A request of the v2 protocol: what is to come, and to be answered, as binary.</summary>
internal sealed class V2Request : InferenceRequest
{
    /// <summary>Whether outputs are wanted as binary, where they do not say so themselves.</summary>
    public bool BinaryOutputs { get; set; }

    /// <summary>Whether the outputs that are named are wanted as binary; null for one that does not say. Empty when none is named.</summary>
    public IReadOnlyList<bool?> BinaryOutput { get; set; } = [];

    /// <summary>Inputs whose bytes stand behind the JSON, in this order.</summary>
    public List<InputTensor> BinaryInputs { get; } = [];

    /// <summary>Whether an output is wanted as binary. What an output says for itself wins; what it leaves open does not.</summary>
    /// <param name="index">In <see cref="InferenceRequest.Outputs"/>.</param>
    public bool IsBinary(int index) => (index < BinaryOutput.Count ? BinaryOutput[index] : null) ?? BinaryOutputs;
}
