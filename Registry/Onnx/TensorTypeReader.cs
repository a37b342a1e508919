using Sluice.Contracts;

namespace Sluice.Registry.Onnx;

/// <summary>Reads ValueInfoProto: the name, datatype and shape of an input or output.</summary>
internal sealed class TensorTypeReader(ProtobufReader reader)
{
    /// <summary>Dimensions a tensor may have; models have at most six or so.</summary>
    private const int MostDimensions = 64;

    private const long AnySize = -1;

    /// <summary>Reads one.</summary>
    /// <param name="type">Wire type of the field.</param>
    /// <param name="role"><c>input</c> or <c>output</c>, for errors.</param>
    /// <exception cref="OnnxFormatException">It has no name, is no tensor, or is of a datatype or shape that cannot be served.</exception>
    public TensorSpec ReadValue(WireType type, string role)
    {
        var value = new Value();
        reader.ReadMessage(type, role, (field, fieldType) =>
        {
            switch (field)
            {
                case 1:
                    value.Name = reader.ReadText(fieldType, $"{role}'s name");
                    break;
                case 2:
                    reader.ReadMessage(fieldType, $"{role}'s type", (kind, kindType) => ReadKind(value, kind, kindType));
                    break;
                default:
                    reader.Skip(fieldType);
                    break;
            }
        });
        return value.ToSpec(role);
    }

    private void ReadKind(Value value, int field, WireType type)
    {
        switch (field)
        {
            case 1:
                value.Kind = "tensor";
                reader.ReadMessage(type, "tensor type", (part, partType) => ReadTensorType(value, part, partType));
                break;
            case 4 or 5 or 7 or 8 or 9:
                value.Kind = field switch { 4 => "sequence", 5 => "map", 8 => "sparse tensor", 9 => "optional value", _ => "value of an opaque type" };
                reader.Skip(type);
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    private void ReadTensorType(Value value, int field, WireType type)
    {
        switch (field)
        {
            case 1:
                value.ElementType = reader.ReadNumber(type, "element type");
                break;
            case 2:
                value.Shape ??= [];
                reader.ReadMessage(type, "shape", (part, partType) => ReadDimension(value.Shape, part, partType));
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    private void ReadDimension(List<long> shape, int field, WireType type)
    {
        if (field != 1)
        {
            reader.Skip(type);
            return;
        }

        if (shape.Count == MostDimensions)
        {
            throw new OnnxFormatException($"A tensor has more than {MostDimensions} dimensions.");
        }

        // A name (dim_param), or neither name nor size, is any size.
        var size = AnySize;
        reader.ReadMessage(type, "dimension", (part, partType) =>
        {
            if (part == 1)
            {
                size = reader.ReadNumber(partType, "dimension's size");
            }
            else
            {
                reader.Skip(partType);
            }
        });
        shape.Add(size >= AnySize ? size : throw new OnnxFormatException($"A tensor has a dimension of size {size}."));
    }

    private sealed class Value
    {
        public string Name { get; set; } = "";

        public string? Kind { get; set; }

        public long ElementType { get; set; }

        public List<long>? Shape { get; set; }

        public TensorSpec ToSpec(string role)
        {
            if (Name.Length == 0)
            {
                throw new OnnxFormatException($"The graph has an {role} without a name.");
            }

            if (Kind != "tensor")
            {
                throw new OnnxFormatException(
                    $"The {role} '{Name}' is a {Kind ?? "value without a type"}; only tensors can be served. (skl2onnx makes tensors with the option zipmap=False.)");
            }

            var datatype = ElementTypes.ToDatatype(ElementType) ?? throw new OnnxFormatException(
                $"The {role} '{Name}' has elements of the type {ElementTypes.NameOf(ElementType)}, which cannot be served.");
            return Shape is null
                ? throw new OnnxFormatException($"The {role} '{Name}' has no shape. (onnx.shape_inference.infer_shapes often finds it.)")
                : new TensorSpec(Name, datatype, Shape);
        }
    }
}
