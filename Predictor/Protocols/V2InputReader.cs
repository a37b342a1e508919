using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads the <c>inputs</c> of a v2 request, one by one.</summary>
/// <param name="length">Bytes of the JSON.</param>
/// <param name="binary">Bytes that may stand behind it; null where the headers announce none.</param>
/// <param name="signature">What the model takes.</param>
internal sealed class V2InputReader(int length, long? binary, SessionSignature signature)
{
    /// <summary>More dimensions than any model has; bounds what is read before the model is known.</summary>
    private const int MaxRank = 32;

    private long _binaryLeft = binary ?? 0;

    /// <summary>Reads the object the reader stands on. The caller disposes the tensor; a binary one is not yet filled.</summary>
    public (InputTensor Tensor, bool IsBinary) Read(ref Utf8JsonReader reader, string what)
    {
        var fields = default(Fields);
        try
        {
            ReadFields(ref reader, what, ref fields);
            if (fields.BinarySize is { } size)
            {
                RefuseData(fields.Tensor is not null || fields.HasData, what);
                return (MakeBinary(what, size, fields), true);
            }

            return (fields.Tensor ?? ReadLateData(what, ref fields), false);
        }
        catch
        {
            fields.Tensor?.Dispose();
            throw;
        }
    }

    private void ReadFields(ref Utf8JsonReader reader, string what, ref Fields fields)
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
                ReadData(ref reader, what, ref fields);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                fields.BinarySize = V2Parameters.Read(ref reader, $"{what}.parameters", V2Scope.Input).BinaryDataSize;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadData(ref Utf8JsonReader reader, string what, ref Fields fields)
    {
        RefuseData(fields.BinarySize is not null, what);
        JsonBody.RequireArray(ref reader, $"{what}.data");
        if (fields is { Name: not null, Shape: not null, Datatype: not null })
        {
            var spec = Check(what, fields);
            JsonDatatypes.CheckInput(spec);
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

    private InputTensor ReadLateData(string what, ref Fields fields)
    {
        var spec = Check(what, fields);
        JsonDatatypes.CheckInput(spec);
        return fields.HasData
            ? JsonTensorReader.Read(ref fields.Data, spec, fields.Shape!, fields.Shape!, length - (int)fields.Data.BytesConsumed)
            : throw InferenceException.Client($"{what}.data is missing.");
    }

    private InputTensor MakeBinary(string what, long size, in Fields fields)
    {
        var spec = Check(what, fields);
        if (binary is null)
        {
            throw InferenceException.Client($"{what}.parameters.binary_data_size: a binary tensor needs the header {V2Format.BinaryHeader}, the bytes of the JSON before it.");
        }

        V2Binary.RequireFit($"{what}.parameters.binary_data_size", spec, fields.Shape!, size);
        if (size > _binaryLeft)
        {
            throw InferenceException.Client($"The input {spec.Name}: {size - _binaryLeft} of its {size} bytes are missing.");
        }

        _binaryLeft -= size;
        return new InputTensor(spec.Name, spec.Datatype, fields.Shape!, checked((int)size));
    }

    private static void RefuseData(bool refuse, string what)
    {
        if (refuse)
        {
            throw InferenceException.Client($"{what} has both data and binary_data_size: a tensor is sent once.");
        }
    }

    private TensorSpec Check(string what, in Fields fields)
    {
        var name = fields.Name ?? throw InferenceException.Client($"{what}.name is missing.");
        var spec = signature.FindInput(name)?.Spec ?? throw InferenceException.Client(
            $"{what}.name: the model has no input {Words.Quoted(name)}, it has {Words.List(signature.InputNames)}.");
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
        public long? BinarySize;
        public bool HasData;
        public Utf8JsonReader Data;
    }
}
