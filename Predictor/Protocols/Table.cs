using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>Rows of cells under columns.</summary>
/// <param name="columns">Their names, in order.</param>
internal abstract class Table(IReadOnlyList<string> columns)
{
    public IReadOnlyList<string> Columns { get; } = columns;

    public abstract int Rows { get; }

    /// <summary>Writes a cell as JSON.</summary>
    /// <exception cref="InferenceException">It is nothing that the input takes.</exception>
    public abstract void WriteCell(PooledBuffer target, int row, int column, TensorSpec spec);
}
