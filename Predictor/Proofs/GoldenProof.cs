using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Proofs;

/// <summary>The proof that a loaded version gives the answers it was registered with, on the device that will serve it.</summary>
internal static class GoldenProof
{
    /// <summary>Runs every vector.</summary>
    /// <exception cref="InferenceException">One does not hold: says which, and what was found instead.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Run(OnnxSession session, IReadOnlyList<GoldenVector> vectors, RunControl control)
    {
        for (var i = 0; i < vectors.Count; i++)
        {
            try
            {
                if (FindDifference(session, vectors[i], control) is { } difference)
                {
                    throw InferenceException.Model(difference + ".");
                }
            }
            catch (InferenceException exception)
            {
                throw InferenceException.Model($"The golden vector {i + 1} of {vectors.Count} does not hold: {exception.Message}");
            }
        }
    }

    private static string? FindDifference(OnnxSession session, GoldenVector vector, RunControl control)
    {
        var inputs = GoldenTensors.ReadInputs(vector, session.Signature);
        try
        {
            using var outputs = session.Run(inputs, [.. vector.Outputs.Keys], rows: null, control);
            for (var i = 0; i < outputs.Count; i++)
            {
                var spec = session.Signature.FindOutput(outputs[i].Name)!;
                using var expected = GoldenTensors.Read(spec, vector.Outputs[spec.Name]);
                if (TensorDifference.Find(outputs[i], spec.Datatype, expected.Shape, expected.Bytes, vector.Tolerance) is { } difference)
                {
                    return difference;
                }
            }

            return null;
        }
        finally
        {
            inputs.ForEach(input => input.Dispose());
        }
    }
}
