using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>Follows the lists of a tensor's data, which is flat, or nested exactly as its shape says.</summary>
/// <param name="name">The input, for messages.</param>
/// <param name="shape">The nesting expected.</param>
/// <param name="counts">Room for one more number than the shape has.</param>
internal ref struct DataNesting(string name, long[] shape, Span<long> counts)
{
    private readonly Span<long> _counts = counts;
    private int _depth = 1;
    private bool _nested;

    /// <summary>A list begins.</summary>
    /// <exception cref="InferenceException">None may begin here.</exception>
    public void Open()
    {
        if (_depth >= shape.Length || (!_nested && _counts[1] > 0))
        {
            throw Misfit();
        }

        _nested = true;
        _counts[_depth]++;
        _counts[++_depth] = 0;
    }

    /// <summary>A list ends. Returns whether it was the whole.</summary>
    /// <exception cref="InferenceException">It is not as long as the shape says.</exception>
    public bool Close()
    {
        if (_nested && _counts[_depth] != shape[_depth - 1])
        {
            throw Misfit();
        }

        return --_depth == 0;
    }

    /// <summary>An element comes.</summary>
    /// <exception cref="InferenceException">A list was expected.</exception>
    public void Element()
    {
        if (_nested && _depth != shape.Length)
        {
            throw Misfit();
        }

        if (_counts.Length > 1)
        {
            _counts[_depth]++;
        }
    }

    private readonly InferenceException Misfit() => InferenceException.Client(
        $"The input {name}: data must be one flat list, or lists nested as the shape {ShapeText.Of(shape)} says.");
}
