using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Makes inputs of a table: a column for each input where the names are the inputs', else all columns in their order for a model with one.</summary>
/// <param name="signature">What the model takes.</param>
/// <param name="request">Takes over the tensors.</param>
internal sealed class TableInputs(SessionSignature signature, InferenceRequest request)
{
    /// <summary>Adds the inputs.</summary>
    /// <exception cref="InferenceException">The table does not fit the model.</exception>
    public void Add(Table table, string field)
    {
        if (signature.InputNames.Count == 1 && !(table.Columns is [var only] && only == signature.InputNames[0]))
        {
            AddRows(table, field, signature.Inputs[0].Spec);
        }
        else
        {
            AddByName(table, field);
        }
    }

    /// <summary>Adds the inputs, a column each.</summary>
    /// <exception cref="InferenceException">The columns are not the inputs, or a column does not fit its input.</exception>
    public void AddByName(Table table, string field)
    {
        for (var column = 0; column < table.Columns.Count; column++)
        {
            var name = table.Columns[column];
            var spec = signature.FindInput(name)?.Spec ?? throw InferenceException.Client(
                $"{field}: the model has no input {Words.Quoted(name)}, it has {Words.List(signature.InputNames)}.");
            if (request.FindInput(name) is not null)
            {
                throw InferenceException.Client($"{field}: the column {Words.Quoted(name)} is there twice.");
            }

            AddColumn(table, column, field, spec);
        }
    }

    private void AddColumn(Table table, int column, string field, TensorSpec spec)
    {
        JsonDatatypes.CheckInput(spec);
        using var text = new PooledBuffer(1024);
        text.Write("["u8);
        for (var row = 0; row < table.Rows; row++)
        {
            text.Write(row == 0 ? ""u8 : ","u8);
            table.WriteCell(text, row, column, spec);
        }

        text.Write("]"u8);
        AddTensor(text, spec, field, nested => ShapeText.Fits(nested, spec.Shape) ? nested : [.. nested, 1]);
    }

    private void AddRows(Table table, string field, TensorSpec spec)
    {
        JsonDatatypes.CheckInput(spec);
        using var text = new PooledBuffer(1024);
        text.Write("["u8);
        for (var row = 0; row < table.Rows; row++)
        {
            text.Write(row == 0 ? "["u8 : ",["u8);
            for (var column = 0; column < table.Columns.Count; column++)
            {
                text.Write(column == 0 ? ""u8 : ","u8);
                table.WriteCell(text, row, column, spec);
            }

            text.Write("]"u8);
        }

        text.Write("]"u8);
        AddTensor(text, spec, field, nested => table.Rows == 0 ? [0, table.Columns.Count]
            : nested is [var rows, 1, .. var rest] && !ShapeText.Fits(nested, spec.Shape) ? [rows, .. rest]
            : nested);
    }

    private void AddTensor(PooledBuffer text, TensorSpec spec, string field, Func<long[], long[]> shapeOf)
    {
        var reader = new Utf8JsonReader(text.WrittenSpan);
        reader.Read();
        var ahead = reader;
        var nested = NestedShape.Measure(ref ahead, spec, field);
        var shape = shapeOf(nested);
        if (!ShapeText.Fits(shape, spec.Shape))
        {
            throw InferenceException.Client(
                $"{field}: the columns have the shape {ShapeText.Of(shape)}, the input {spec.Name} takes {ShapeText.Of(spec.Shape)} (-1 is any size).");
        }

        request.Add(JsonTensorReader.Read(ref reader, spec, shape, nested, text.WrittenCount));
    }
}
