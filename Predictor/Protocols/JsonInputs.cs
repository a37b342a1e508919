using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads inputs of protocols that leave it to the model what shape and datatype their lists are.</summary>
/// <param name="body">The JSON as a whole.</param>
/// <param name="signature">What the model takes.</param>
/// <param name="request">Takes over the tensors.</param>
internal sealed class JsonInputs(ReadOnlyMemory<byte> body, SessionSignature signature, InferenceRequest request)
{
    /// <summary>Reads a list, of a model with one input, or an object of lists by the inputs' names.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="field">Its name.</param>
    /// <param name="oneRow">Whether a list may be one row (<see cref="NestedShape.Of"/>).</param>
    public void ReadColumns(ref Utf8JsonReader reader, string field, bool oneRow = true)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            request.Add(ReadTensor(ref reader, Only(field), field, oneRow));
            return;
        }

        JsonBody.RequireObject(ref reader, $"{field} must be a list, or it");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadNamed(ref reader, field, oneRow);
        }
    }

    /// <summary>Reads the input whose name the reader stands on, and its list.</summary>
    public void ReadNamed(ref Utf8JsonReader reader, string field, bool oneRow)
    {
        var spec = FindInput(ref reader, field);
        if (request.FindInput(spec.Name) is not null)
        {
            throw InferenceException.Client($"{field}: the input {spec.Name} is there twice.");
        }

        reader.Read();
        JsonBody.RequireArray(ref reader, $"{field}.{spec.Name}");
        request.Add(ReadTensor(ref reader, spec, field, oneRow));
    }

    /// <summary>Reads a list of rows: values of the model's one input, or objects by the inputs' names.</summary>
    public void ReadRows(ref Utf8JsonReader reader, string field)
    {
        JsonBody.RequireArray(ref reader, field);
        if (HasNamedRows(reader))
        {
            new TableInputs(signature, request).AddByName(JsonTable.OfRecords(ref reader, body, field), field);
        }
        else
        {
            request.Add(ReadTensor(ref reader, Only(field), field, oneRow: false));
        }
    }

    // An object of bytes ({"b64": …}) is a value; any other has names.
    private static bool HasNamedRows(Utf8JsonReader ahead) =>
        ahead.Read() && ahead.TokenType == JsonTokenType.StartObject && ahead.Read() && !(ahead.TokenType == JsonTokenType.PropertyName && ahead.ValueTextEquals("b64"u8));

    private TensorSpec Only(string field) => signature.Inputs.Count == 1
        ? signature.Inputs[0].Spec
        : throw InferenceException.Client($"{field} must be an object of lists with the keys {Words.List(signature.InputNames)}: the model has several inputs.");

    private TensorSpec FindInput(ref Utf8JsonReader reader, string field)
    {
        foreach (var input in signature.Inputs)
        {
            if (reader.ValueTextEquals(input.Spec.Name))
            {
                return input.Spec;
            }
        }

        throw InferenceException.Client(
            $"{field}: the model has no input \"{Words.Raw(reader.ValueSpan)}\", it has {Words.List(signature.InputNames)}.");
    }

    private InputTensor ReadTensor(ref Utf8JsonReader reader, TensorSpec spec, string field, bool oneRow)
    {
        JsonDatatypes.CheckInput(spec);
        var (shape, nesting) = NestedShape.Of(reader, spec, field, oneRow);
        return JsonTensorReader.Read(ref reader, spec, shape, nesting, body.Length - (int)reader.BytesConsumed);
    }
}
