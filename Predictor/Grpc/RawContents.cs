using System.Globalization;
using Google.Protobuf;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Protocols;
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

        if (spec.Datatype != Datatype.Bytes)
        {
            CheckLength(spec, shape, content.Length);
        }

        var tensor = InputTensor.OfBytes(spec.Name, spec.Datatype, shape, content.Span);
        try
        {
            V2Binary.CheckContent(tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>An output's bytes where they lie: to be written before the outputs are disposed.</summary>
    public static ByteString Wrap(in OutputTensor output) => UnsafeByteOperations.UnsafeWrap(new NativeBytes(output.Bytes).Memory);

    private static void CheckLength(TensorSpec spec, long[] shape, int length)
    {
        var expected = ShapeText.TryCount(shape) is { } count ? (Int128)count * ElementTypes.SizeOf(spec.Datatype) : Int128.MaxValue;
        if (length != expected)
        {
            var taken = expected < long.MaxValue ? expected.ToString(CultureInfo.InvariantCulture) : "far more";
            throw InferenceException.Client(
                $"The input {spec.Name}: its entry of raw_input_contents has {length} bytes, the shape {ShapeText.Of(shape)} of {spec.Datatype} takes {taken}.");
        }
    }
}
