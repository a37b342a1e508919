using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Proofs;

/// <summary>
/// The proof that rows of a model do not touch each other, so that requests of several callers may share a run: a first dimension of any size may as
/// well be a sequence, and no declaration tells. Two requests are computed apart and together; the rows must be the same.
/// </summary>
internal static class JoinProof
{
    private const int ProbeRows = 2;

    /// <summary>Rounding differs a little with the number of rows; what is wrong differs a lot.</summary>
    private static readonly GoldenTolerance Tolerance = new(1e-4, 1e-3);

    private static readonly GoldenTolerance HalfTolerance = new(1e-2, 2e-2);

    /// <summary>Why requests cannot be joined; null when they can.</summary>
    /// <param name="session">Computes.</param>
    /// <param name="vectors">Golden vectors, the best inputs there are; may be empty.</param>
    /// <param name="control">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static string? FindObstacle(OnnxSession session, IReadOnlyList<GoldenVector> vectors, RunControl control)
    {
        if (!JoinedTensors.MayJoin(session.Signature))
        {
            return "not every input and output has a first dimension of any size";
        }

        try
        {
            return Compare(session, vectors, control);
        }
        catch (InferenceException exception)
        {
            return $"it could not be tried: {exception.Message}";
        }
    }

    private static string? Compare(OnnxSession session, IReadOnlyList<GoldenVector> vectors, RunControl control)
    {
        var (first, second) = ChooseInputs(session.Signature, vectors);
        var joined = new List<InputTensor>();
        try
        {
            var rows = (First: first[0].Rows, Second: second[0].Rows);
            for (var i = 0; i < first.Count; i++)
            {
                joined.Add(JoinedTensors.Join([first[i], second[i]], rows.First + rows.Second));
            }

            var outputs = session.Signature.OutputNames;
            using var together = session.Run(joined, outputs, rows: null, control);
            return FindDifference(session.Run(first, outputs, rows: null, control), together, 0, rows.First, rows.First + rows.Second)
                ?? FindDifference(session.Run(second, outputs, rows: null, control), together, rows.First, rows.Second, rows.First + rows.Second);
        }
        finally
        {
            foreach (var tensor in first.Concat(second).Concat(joined))
            {
                tensor.Dispose();
            }
        }
    }

    // Disposes what was computed apart.
    private static string? FindDifference(OutputTensors apart, OutputTensors together, long start, long count, long all)
    {
        using (apart)
        {
            for (var i = 0; i < apart.Count; i++)
            {
                ref readonly var whole = ref together[i];
                if (whole.Shape is not [var rows, ..] || rows != all || apart[i].Shape is not [var own, ..] || own != count)
                {
                    return $"the output {whole.Name} has not as many rows as the inputs";
                }

                ref readonly var one = ref apart[i];
                var tolerance = one.Datatype is Datatype.Fp16 or Datatype.Bf16 ? HalfTolerance : Tolerance;
                if (TensorDifference.Find(whole.Rows(start, count), one.Datatype, one.Shape, one.Bytes, tolerance) is { } difference)
                {
                    return $"rows change with the rows beside them ({difference})";
                }
            }

            return null;
        }
    }

    private static (List<InputTensor> First, List<InputTensor> Second) ChooseInputs(SessionSignature signature, IReadOnlyList<GoldenVector> vectors)
    {
        var golden = vectors.Take(2).Select(vector => GoldenTensors.ReadInputs(vector, signature)).ToList();
        if (golden is [var one, var other] && JoinedTensors.RowsOf(one) is not null && JoinedTensors.RowsOf(other) is not null
            && one.Zip(other).All(pair => pair.First.Shape.AsSpan(1).SequenceEqual(pair.Second.Shape.AsSpan(1))))
        {
            return (one, other);
        }

        golden.ForEach(inputs => inputs.ForEach(input => input.Dispose()));
        return ([.. signature.Inputs.Select(input => Probe(input.Spec, ProbeRows, Probes.Various))], [.. signature.Inputs.Select(input => Probe(input.Spec, 1, Probes.Zeros))]);
    }

    private static InputTensor Probe(TensorSpec spec, long rows, Func<TensorSpec, long[], InputTensor?> make) =>
        make(spec, [rows, .. spec.Shape.Skip(1).Select(size => size < 0 ? 1 : size)])
        ?? throw InferenceException.Model($"the input {spec.Name} is too large");
}
