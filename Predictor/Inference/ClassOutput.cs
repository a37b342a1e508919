using System.Numerics.Tensors;
using Sluice.Contracts;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>Where a classifier says its class: an output with one whole number or one text a row, or the largest of a row's scores.</summary>
/// <remarks>A version with labels is a classifier. What is counted and what <c>/predict</c> answers come from here.</remarks>
internal sealed class ClassOutput
{
    private readonly IReadOnlyList<string> _labels;
    private readonly bool _isScores;

    private ClassOutput(string name, IReadOnlyList<string> labels, bool isScores) => (Name, _labels, _isScores) = (name, labels, isScores);

    /// <summary>The output's name.</summary>
    public string Name { get; }

    /// <summary>Names of the classes, index by index.</summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>Finds it; null when the version has no labels, or no output of such a form.</summary>
    public static ClassOutput? Of(ModelVersion version, SessionSignature signature)
    {
        if (version.Labels.Count == 0)
        {
            return null;
        }

        var whole = signature.Outputs.FirstOrDefault(output => output.Datatype is Datatype.Int64 or Datatype.Int32 && IsOneARow(output.Shape));
        var scores = signature.Outputs.FirstOrDefault(output => output.Datatype == Datatype.Fp32 && output.Shape is [_, var classes] && classes == version.Labels.Count);
        return whole is not null ? new ClassOutput(whole.Name, version.Labels, isScores: false)
            : scores is not null ? new ClassOutput(scores.Name, version.Labels, isScores: true)
            : null;
    }

    /// <summary>The class of each row, as an index; -1 for one that is none. Empty when the output was not computed.</summary>
    public long[] Read(OutputTensors outputs)
    {
        var index = outputs.IndexOf(Name);
        if (index < 0)
        {
            return [];
        }

        ref readonly var output = ref outputs[index];
        var classes = _isScores ? Largest(output) : output.Datatype == Datatype.Int64 ? output.Elements<long>().ToArray() : Widened(output.Elements<int>());
        for (var row = 0; row < classes.Length; row++)
        {
            classes[row] = classes[row] >= 0 && classes[row] < _labels.Count ? classes[row] : -1;
        }

        return classes;
    }

    private static bool IsOneARow(IReadOnlyList<long> shape) => shape is [_] or [_, 1];

    private static long[] Largest(in OutputTensor output)
    {
        var width = (int)output.Shape[^1];
        var scores = output.Elements<float>();
        var classes = new long[width == 0 ? 0 : scores.Length / width];
        for (var row = 0; row < classes.Length; row++)
        {
            classes[row] = TensorPrimitives.IndexOfMax(scores.Slice(row * width, width));
        }

        return classes;
    }

    private static long[] Widened(ReadOnlySpan<int> values)
    {
        var wide = new long[values.Length];
        TensorPrimitives.ConvertSaturating(values, wide);
        return wide;
    }
}
