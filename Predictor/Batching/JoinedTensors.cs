using Sluice.Contracts;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Batching;

/// <summary>Rows of several requests in one tensor an input.</summary>
internal static class JoinedTensors
{
    /// <summary>Copies them together, in the order of the requests; the caller disposes the tensors.</summary>
    /// <param name="requests">That fit with each other (<see cref="PendingRequest.FitsWith"/>).</param>
    /// <param name="rows">Of all together.</param>
    public static InputTensor[] Join(IReadOnlyList<PendingRequest> requests, long rows)
    {
        var first = requests[0].Request.Inputs;
        var joined = new InputTensor[first.Count];
        var parts = new InputTensor[requests.Count];
        for (var i = 0; i < joined.Length; i++)
        {
            for (var j = 0; j < parts.Length; j++)
            {
                parts[j] = requests[j].Request.FindInput(first[i].Name)!;
            }

            joined[i] = Join(parts, rows);
        }

        return joined;
    }

    /// <summary>Copies tensors of one input together; the caller disposes the tensor.</summary>
    public static InputTensor Join(ReadOnlySpan<InputTensor> parts, long rows)
    {
        var length = 0;
        foreach (var part in parts)
        {
            length = checked(length + part.Bytes.Length);
        }

        long[] shape = [.. parts[0].Shape];
        shape[0] = rows;
        var joined = new InputTensor(parts[0].Name, parts[0].Datatype, shape, length);
        var rest = joined.Bytes;
        foreach (var part in parts)
        {
            part.Bytes.CopyTo(rest);
            rest = rest[part.Bytes.Length..];
        }

        return joined;
    }

    /// <summary>Rows of a request along dimension 0; null when its tensors do not have the same number of them, or none.</summary>
    public static long? RowsOf(IReadOnlyList<InputTensor> inputs)
    {
        if (inputs.Count == 0 || inputs[0].Shape.Length == 0)
        {
            return null;
        }

        var rows = inputs[0].Shape[0];
        foreach (var input in inputs)
        {
            if (input.Shape.Length == 0 || input.Shape[0] != rows)
            {
                return null;
            }
        }

        return rows > 0 ? rows : null;
    }

    /// <summary>Whether a model declares a first dimension of any size for all that goes in and comes out.</summary>
    public static bool MayJoin(SessionSignature signature) =>
        signature.Inputs.All(input => HasRows(input.Spec)) && signature.Outputs.All(HasRows);

    private static bool HasRows(TensorSpec spec) => spec.Shape.Count > 0 && spec.Shape[0] < 0;
}
