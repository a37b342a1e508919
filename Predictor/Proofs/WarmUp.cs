using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Proofs;

/// <summary>The proof that a loaded model can be run: zeros in (any size is 1), outputs of the declared datatypes and shapes out.</summary>
internal static class WarmUp
{
    /// <summary>Runs the proof.</summary>
    /// <param name="session">Of the model.</param>
    /// <param name="control">Stops it.</param>
    /// <param name="rows">The first dimension, where it may be any.</param>
    /// <returns>What is odd but no reason to fail, e.g. an output that is not a number; null for nothing.</returns>
    /// <exception cref="InferenceException">The model fails on zeros, or yields something else than it declares.</exception>
    public static string? Run(OnnxSession session, RunControl control, long rows = 1)
    {
        var inputs = new List<InputTensor>();
        try
        {
            foreach (var input in session.Signature.Inputs)
            {
                inputs.Add(Zeros(input.Spec, rows));
            }

            using var outputs = session.Run(inputs, session.Signature.OutputNames, rows: null, control);
            return Check(outputs, session.Signature);
        }
        catch (InferenceException exception)
        {
            var shapes = string.Join(", ", inputs.Select(input => $"{input.Name} {input.Datatype} {ShapeText.Of(input.Shape)}"));
            throw InferenceException.Model($"The warm-up with zeros ({shapes}) failed: {exception.Message}");
        }
        finally
        {
            inputs.ForEach(input => input.Dispose());
        }
    }

    private static InputTensor Zeros(TensorSpec spec, long rows)
    {
        long[] shape = [.. spec.Shape.Select((size, dimension) => size >= 0 ? size : dimension == 0 ? rows : 1)];
        return Probes.Zeros(spec, shape) ?? throw InferenceException.Model($"The input {spec.Name} is too large: {ShapeText.Of(shape)}.");
    }

    private static string? Check(OutputTensors outputs, SessionSignature signature)
    {
        string? odd = null;
        for (var i = 0; i < outputs.Count; i++)
        {
            var declared = signature.Outputs[i];
            ref readonly var output = ref outputs[i];
            if (output.Datatype != declared.Datatype || !ShapeText.Fits(output.Shape, declared.Shape))
            {
                throw InferenceException.Model(
                    $"the output {output.Name} is {output.Datatype} {ShapeText.Of(output.Shape)}, declared is {Words.Of(declared)}.");
            }

            if (HasNaN(output))
            {
                odd = $"the output {output.Name} of zeros is not a number";
            }
        }

        return odd;
    }

    private static bool HasNaN(in OutputTensor output) => output.Datatype switch
    {
        Datatype.Fp32 => output.Elements<float>().ContainsAnyExceptInRange(float.NegativeInfinity, float.PositiveInfinity),
        Datatype.Fp64 => output.Elements<double>().ContainsAnyExceptInRange(double.NegativeInfinity, double.PositiveInfinity),
        _ => false,
    };
}
