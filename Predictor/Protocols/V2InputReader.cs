using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads one of the <c>inputs</c> of a v2 request.</summary>
internal static class V2InputReader
{
    /// <summary>More dimensions than any model has; bounds what is read before the model is known.</summary>
    private const int MaxRank = 32;

    /// <summary>Reads the object the reader stands on. The caller disposes the tensor.</summary>
    public static InputTensor Read(ref Utf8JsonReader reader, int length, string what, SessionSignature signature)
    {
        var fields = default(Fields);
        try
        {
            ReadFields(ref reader, length, what, signature, ref fields);
            if (fields.Tensor is null)
            {
                ReadLateData(length, what, signature, ref fields);
            }

            return fields.Tensor!;
        }
        catch
        {
            fields.Tensor?.Dispose();
            throw;
        }
    }

    private static void ReadFields(ref Utf8JsonReader reader, int length, string what, SessionSignature signature, ref Fields fields)
    {
        bool name = false, shape = false, datatype = false, data = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                JsonBody.Once(ref name, $"{what}.name");
                reader.Read();
                fields.Name = JsonBody.ReadString(ref reader, $"{what}.name");
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                JsonBody.Once(ref shape, $"{what}.shape");
                reader.Read();
                fields.Shape = ReadShape(ref reader, $"{what}.shape");
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                JsonBody.Once(ref datatype, $"{what}.datatype");
                reader.Read();
                fields.Datatype = JsonBody.ReadString(ref reader, $"{what}.datatype");
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                JsonBody.Once(ref data, $"{what}.data");
                reader.Read();
                ReadData(ref reader, length, what, signature, ref fields);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                V2Parameters.Read(ref reader, $"{what}.parameters");
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadData(ref Utf8JsonReader reader, int length, string what, SessionSignature signature, ref Fields fields)
    {
        JsonBody.RequireArray(ref reader, $"{what}.data");
        if (fields is { Name: not null, Shape: not null, Datatype: not null })
        {
            var spec = Check(what, signature, fields);
            fields.Tensor = JsonTensorReader.Read(ref reader, spec, fields.Shape, fields.Shape, length - (int)reader.BytesConsumed);
        }
        else
        {
            // What it is comes later: the place is kept, and read when that is known.
            fields.Data = reader;
            fields.HasData = true;
            reader.Skip();
        }
    }

    private static void ReadLateData(int length, string what, SessionSignature signature, ref Fields fields)
    {
        var spec = Check(what, signature, fields);
        if (!fields.HasData)
        {
            throw InferenceException.Client($"{what}.data is missing.");
        }

        fields.Tensor = JsonTensorReader.Read(ref fields.Data, spec, fields.Shape!, fields.Shape!, length - (int)fields.Data.BytesConsumed);
    }

    private static TensorSpec Check(string what, SessionSignature signature, in Fields fields)
    {
        var name = fields.Name ?? throw InferenceException.Client($"{what}.name is missing.");
        var spec = signature.FindInput(name)?.Spec ?? throw InferenceException.Client(
            $"{what}.name: the model has no input {Words.Quoted(name)}, it has {Words.List(signature.InputNames)}.");
        SupportedDatatypes.Check("input", spec);
        var datatype = fields.Datatype ?? throw InferenceException.Client($"{what}.datatype is missing.");
        if (datatype != spec.Datatype)
        {
            throw InferenceException.Client($"{what}.datatype is {Words.Quoted(datatype)}, the input {spec.Name} takes {spec.Datatype}.");
        }

        var shape = fields.Shape ?? throw InferenceException.Client($"{what}.shape is missing.");
        return ShapeText.Fits(shape, spec.Shape)
            ? spec
            : throw InferenceException.Client(
                $"{what}.shape is {ShapeText.Of(shape)}, the input {spec.Name} takes {ShapeText.Of(spec.Shape)} (-1 is any size).");
    }

    private static long[] ReadShape(ref Utf8JsonReader reader, string what)
    {
        JsonBody.RequireArray(ref reader, what);
        var shape = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var size) || size < 0)
            {
                throw InferenceException.Client($"{what}[{shape.Count}] must be a whole number, zero or more.");
            }

            if (shape.Count == MaxRank)
            {
                throw InferenceException.Client($"{what} has more than {MaxRank} dimensions.");
            }

            shape.Add(size);
        }

        return [.. shape];
    }

    private ref struct Fields
    {
        public string? Name;
        public string? Datatype;
        public long[]? Shape;
        public InputTensor? Tensor;
        public bool HasData;
        public Utf8JsonReader Data;
    }
}
