using Sluice.Contracts;

namespace Sluice.Registry.Onnx;

/// <summary>
/// Reads what a server must know of an ONNX file, without its weights: a file of many gigabytes costs as much memory as a small one. Field numbers
/// are those of the public onnx.proto3.
/// </summary>
internal sealed class OnnxReader
{
    /// <summary>Inputs (weights among them, in old files) or outputs that a file may list.</summary>
    private const int MostListed = 65_536;

    /// <summary>Inputs or outputs of a model that can be served.</summary>
    private const int MostServed = 1000;

    private readonly ProtobufReader _reader;
    private readonly TensorTypeReader _types;
    private readonly ExternalDataReader _external;
    private readonly List<TensorSpec> _inputs = [];
    private readonly List<TensorSpec> _outputs = [];
    private readonly HashSet<string> _initialised = new(StringComparer.Ordinal);
    private long _irVersion;
    private long _opset;
    private bool _hasGraph;

    private OnnxReader(Stream file)
    {
        _reader = new ProtobufReader(file);
        _types = new TensorTypeReader(_reader);
        _external = new ExternalDataReader(_reader);
    }

    /// <summary>Reads a model.</summary>
    /// <param name="file">Seekable, at any position.</param>
    /// <exception cref="OnnxFormatException">It is no model that can be served; the message says why.</exception>
    public static OnnxModel Read(Stream file)
    {
        if (file.Length == 0)
        {
            throw new OnnxFormatException("The file is empty.");
        }

        var reader = new OnnxReader(file);
        reader._reader.ReadFields(reader.ReadModelField);
        return reader.ToModel();
    }

    private void ReadModelField(int field, WireType type)
    {
        switch (field)
        {
            case 1:
                _irVersion = _reader.ReadNumber(type, "ir_version");
                break;
            case 7:
                _hasGraph = true;
                _reader.ReadMessage(type, "graph", ReadGraphField);
                break;
            case 8:
                ReadOperatorSet(type);
                break;
            case 20:
                _external.ReadTraining(type);
                break;
            case 25:
                _external.ReadFunction(type);
                break;
            default:
                _reader.Skip(type);
                break;
        }
    }

    private void ReadGraphField(int field, WireType type)
    {
        switch (field)
        {
            case 5:
                _initialised.Add(_external.ReadTensor(type));
                break;
            case 11:
                Add(_inputs, type, "input");
                break;
            case 12:
                Add(_outputs, type, "output");
                break;
            case 15:
                _initialised.Add(_external.ReadSparseTensor(type));
                break;
            default:
                _external.ReadGraphField(field, type);
                break;
        }
    }

    private void Add(List<TensorSpec> tensors, WireType type, string role)
    {
        if (tensors.Count == MostListed)
        {
            throw new OnnxFormatException($"The graph lists more than {MostListed} {role}s.");
        }

        tensors.Add(_types.ReadValue(type, role));
    }

    private void ReadOperatorSet(WireType type)
    {
        string domain = "";
        long version = 0;
        _reader.ReadMessage(type, "opset_import", (field, fieldType) =>
        {
            switch (field)
            {
                case 1:
                    domain = _reader.ReadText(fieldType, "operator set's domain");
                    break;
                case 2:
                    version = _reader.ReadNumber(fieldType, "operator set's version");
                    break;
                default:
                    _reader.Skip(fieldType);
                    break;
            }
        });
        _opset = domain is "" or "ai.onnx" ? version : _opset;
    }

    private OnnxModel ToModel()
    {
        if (_irVersion <= 0 || _opset < 0)
        {
            throw new OnnxFormatException("The file is no ONNX model: it has no ir_version, or a negative operator set.");
        }

        if (!_hasGraph)
        {
            throw new OnnxFormatException("The model has no graph.");
        }

        // Files of old format versions list their weights as inputs too.
        var inputs = _inputs.FindAll(input => !_initialised.Contains(input.Name));
        Check(inputs, "input");
        Check(_outputs, "output");
        return new OnnxModel(_irVersion, _opset, new ModelSignature(inputs, _outputs), _external.Files, _external.MachineLearningNodes);
    }

    private static void Check(List<TensorSpec> tensors, string role)
    {
        if (tensors.Count == 0)
        {
            throw new OnnxFormatException($"The graph has no {role}s: there is nothing to {(role == "input" ? "ask" : "answer")}.");
        }

        if (tensors.Count > MostServed)
        {
            throw new OnnxFormatException($"The graph has {tensors.Count} {role}s; at most {MostServed} can be served.");
        }

        if (tensors.GroupBy(tensor => tensor.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new OnnxFormatException($"The graph has two {role}s named '{twice.Key}'.");
        }
    }
}
