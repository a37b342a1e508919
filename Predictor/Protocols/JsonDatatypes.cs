using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Which tensors requests and answers carry as JSON: all but those of 16-bit floats, which have no form in it that others would read alike.</summary>
internal static class JsonDatatypes
{
    /// <summary>Refuses an input that is sent as JSON and cannot be.</summary>
    /// <exception cref="InferenceException">Says what to do.</exception>
    public static void CheckInput(TensorSpec spec)
    {
        if (!IsCarried(spec))
        {
            throw InferenceException.Client(
                $"The input {spec.Name} is {spec.Datatype}, which is not sent as JSON: send it as a binary tensor over /v2 (binary_data_size).");
        }
    }

    /// <summary>Refuses a request for outputs of which one cannot be answered as JSON.</summary>
    /// <exception cref="InferenceException">Says what to do.</exception>
    public static void CheckOutputs(InferenceRequest request, SessionSignature signature)
    {
        foreach (var name in request.Outputs)
        {
            CheckOutput(signature.FindOutput(name)!);
        }
    }

    /// <summary>Refuses an output that is wanted as JSON and cannot be.</summary>
    /// <exception cref="InferenceException">Says what to do.</exception>
    public static void CheckOutput(TensorSpec spec)
    {
        if (!IsCarried(spec))
        {
            throw InferenceException.Client(
                $"The output {spec.Name} is {spec.Datatype}, which is not answered as JSON: ask for it as a binary tensor over /v2 (binary_data), or name other outputs.");
        }
    }

    private static bool IsCarried(TensorSpec spec) => spec.Datatype is not (Datatype.Fp16 or Datatype.Bf16);
}
