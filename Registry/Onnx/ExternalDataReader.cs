using System.Globalization;

namespace Sluice.Registry.Onnx;

/// <summary>
/// Finds the files that hold tensor data outside the model: weights, constants of nodes, and those of nested graphs, functions and training graphs,
/// so that none is missed that a runtime might open. On the way it counts the nodes that only a CPU can run.
/// </summary>
internal sealed class ExternalDataReader(ProtobufReader reader)
{
    private const long External = 1;

    private readonly Dictionary<string, long> _sizes = new(StringComparer.Ordinal);

    /// <summary>The files found so far.</summary>
    public IReadOnlyList<ExternalFile> Files => [.. _sizes.Select(pair => new ExternalFile(pair.Key, pair.Value))];

    /// <summary>Nodes found so far whose operators are of <c>ai.onnx.ml</c>.</summary>
    public long MachineLearningNodes { get; private set; }

    /// <summary>Reads a field of a GraphProto.</summary>
    public void ReadGraphField(int field, WireType type)
    {
        switch (field)
        {
            case 1:
                reader.ReadMessage(type, "node", ReadNodeField);
                break;
            case 5:
                ReadTensor(type);
                break;
            case 15:
                ReadSparseTensor(type);
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    /// <summary>Reads a FunctionProto.</summary>
    public void ReadFunction(WireType type) => reader.ReadMessage(type, "function", (field, fieldType) =>
    {
        switch (field)
        {
            case 7:
                reader.ReadMessage(fieldType, "node", ReadNodeField);
                break;
            case 11:
                reader.ReadMessage(fieldType, "attribute", ReadAttributeField);
                break;
            default:
                reader.Skip(fieldType);
                break;
        }
    });

    /// <summary>Reads a TrainingInfoProto.</summary>
    public void ReadTraining(WireType type) => reader.ReadMessage(type, "training info", (field, fieldType) =>
    {
        if (field is 1 or 2)
        {
            reader.ReadMessage(fieldType, "graph", ReadGraphField);
        }
        else
        {
            reader.Skip(fieldType);
        }
    });

    /// <summary>Reads a SparseTensorProto.</summary>
    /// <returns>The name of its values.</returns>
    public string ReadSparseTensor(WireType type)
    {
        var name = "";
        reader.ReadMessage(type, "sparse tensor", (field, fieldType) =>
        {
            switch (field)
            {
                case 1:
                    name = ReadTensor(fieldType);
                    break;
                case 2:
                    ReadTensor(fieldType);
                    break;
                default:
                    reader.Skip(fieldType);
                    break;
            }
        });
        return name;
    }

    /// <summary>Reads a TensorProto, passing over its data.</summary>
    /// <returns>Its name; empty when it has none.</returns>
    public string ReadTensor(WireType type)
    {
        var name = "";
        var tensor = new TensorData();
        reader.ReadMessage(type, "tensor", (field, fieldType) =>
        {
            switch (field)
            {
                case 8:
                    name = reader.ReadText(fieldType, "tensor's name");
                    break;
                case 13:
                    ReadEntry(fieldType, tensor);
                    break;
                case 14:
                    tensor.IsExternal = reader.ReadNumber(fieldType, "data_location") == External;
                    break;
                default:
                    reader.Skip(fieldType);
                    break;
            }
        });
        Add(name, tensor);
        return name;
    }

    private void ReadNodeField(int field, WireType type)
    {
        switch (field)
        {
            case 5:
                reader.ReadMessage(type, "attribute", ReadAttributeField);
                break;
            case 7:
                MachineLearningNodes += reader.ReadIs(type, "ai.onnx.ml"u8, "operator's domain") ? 1 : 0;
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    private void ReadAttributeField(int field, WireType type)
    {
        switch (field)
        {
            case 5 or 10:
                ReadTensor(type);
                break;
            case 6 or 11:
                reader.ReadMessage(type, "graph", ReadGraphField);
                break;
            case 22 or 23:
                ReadSparseTensor(type);
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    private void ReadEntry(WireType type, TensorData tensor)
    {
        string key = "", value = "";
        reader.ReadMessage(type, "external data entry", (field, fieldType) =>
        {
            switch (field)
            {
                case 1:
                    key = reader.ReadText(fieldType, "key of an external data entry");
                    break;
                case 2:
                    value = reader.ReadText(fieldType, "value of an external data entry");
                    break;
                default:
                    reader.Skip(fieldType);
                    break;
            }
        });
        tensor.Set(key, value);
    }

    private void Add(string name, TensorData tensor)
    {
        if (tensor.Location is { } location)
        {
            // Listed even where data_location does not say so: a runtime that reads it differently must find nothing outside either.
            _sizes[location] = Math.Max(_sizes.GetValueOrDefault(location), tensor.End);
        }
        else if (tensor.IsExternal)
        {
            throw new OnnxFormatException($"The tensor '{name}' has its data in another file and does not say in which.");
        }
    }

    private sealed class TensorData
    {
        private long _offset;
        private long _length;

        public bool IsExternal { get; set; }

        public string? Location { get; private set; }

        public long End => _offset <= long.MaxValue - _length
            ? _offset + _length
            : throw new OnnxFormatException($"External data in '{Location}' ends past any file's end.");

        public void Set(string key, string value)
        {
            switch (key)
            {
                case "location":
                    Location = value;
                    break;
                case "offset":
                    _offset = Number(key, value);
                    break;
                case "length":
                    _length = Number(key, value);
                    break;
            }
        }

        private static long Number(string key, string value) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new OnnxFormatException($"External data has the {key} '{value}'; a whole number is expected.");
    }
}
