using System.Globalization;
using Google.Protobuf;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Grpc;

/// <summary>Tensors as raw bytes: the very form in which they lie in memory, so that reading one is a copy and writing one is none.</summary>
internal static class RawContents
{
    /// <summary>Makes the tensor of an entry of <c>raw_input_contents</c>; the caller disposes it.</summary>
    /// <exception cref="InferenceException">The bytes do not fill the shape.</exception>
    public static InputTensor Read(TensorSpec spec, long[] shape, ByteString content, bool hasTyped)
    {
        if (hasTyped)
        {
            throw InferenceException.Client($"The input {spec.Name} has contents, though raw_input_contents is used: expected is one form for all inputs.");
        }

        if (spec.Datatype == Datatype.Bytes)
        {
            CheckStrings(spec, shape, content.Span);
        }
        else
        {
            CheckLength(spec, shape, content.Length);
        }

        if (spec.Datatype == Datatype.Bool && content.Span.ContainsAnyExceptInRange((byte)0, (byte)1))
        {
            throw Refused(spec, "holds a byte that is no BOOL: expected are 0 and 1.");
        }

        return InputTensor.OfBytes(spec.Name, spec.Datatype, shape, content.Span);
    }

    /// <summary>An output's bytes where they lie: to be written before the outputs are disposed.</summary>
    public static ByteString Wrap(in OutputTensor output) => UnsafeByteOperations.UnsafeWrap(new NativeBytes(output.Bytes).Memory);

    private static void CheckLength(TensorSpec spec, long[] shape, int length)
    {
        var expected = ShapeText.TryCount(shape) is { } count ? (Int128)count * ElementTypes.SizeOf(spec.Datatype) : Int128.MaxValue;
        if (length != expected)
        {
            var taken = expected < long.MaxValue ? expected.ToString(CultureInfo.InvariantCulture) : "far more";
            throw Refused(spec, $"has {length} bytes, the shape {ShapeText.Of(shape)} of {spec.Datatype} takes {taken}.");
        }
    }

    private static void CheckStrings(TensorSpec spec, long[] shape, ReadOnlySpan<byte> content)
    {
        var count = RawStrings.TryCount(content)
            ?? throw Refused(spec, "is not made of whole elements: expected is each one's length in 4 bytes, little-endian, and then its bytes.");
        if (count != ShapeText.TryCount(shape))
        {
            throw Refused(spec, $"has {count} elements, the shape {ShapeText.Of(shape)} takes {ShapeText.TryCount(shape)?.ToString(CultureInfo.InvariantCulture) ?? "far more"}.");
        }
    }

    private static InferenceException Refused(TensorSpec spec, string problem) => InferenceException.Client($"The input {spec.Name}: its entry of raw_input_contents {problem}");
}
