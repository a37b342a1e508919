using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>A v2 request without any JSON: its body is the model's only input, and its outputs come as binary.</summary>
internal static class V2RawRequest
{
    /// <summary>Reads it; the caller disposes the request.</summary>
    /// <exception cref="InferenceException">The model has several inputs, or the bytes do not fill its one.</exception>
    public static async ValueTask<InferenceRequest> ReadAsync(RequestBody body, SessionSignature signature, CancellationToken cancellationToken)
    {
        var spec = signature.Inputs.Count == 1
            ? signature.Inputs[0].Spec
            : throw InferenceException.Client($"{V2Format.BinaryHeader} is 0, so the body is the only input: the model has {Words.List(signature.InputNames)}.");
        var request = new V2Request { BinaryOutputs = true };
        try
        {
            request.Add(await ReadTensorAsync(body, spec, cancellationToken));
            request.Complete(signature);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static async ValueTask<InputTensor> ReadTensorAsync(RequestBody body, TensorSpec spec, CancellationToken cancellationToken)
    {
        using var bytes = await body.ReadAsync(cancellationToken);
        if (spec.Datatype == Datatype.Bytes)
        {
            return OfOneText(spec, bytes.WrittenSpan);
        }

        var tensor = InputTensor.OfBytes(spec.Name, spec.Datatype, ShapeOf(spec, bytes.WrittenCount), bytes.WrittenSpan);
        V2Binary.CheckContent(tensor);
        return tensor;
    }

    // The whole body is the one element: an image, a document.
    private static InputTensor OfOneText(TensorSpec spec, ReadOnlySpan<byte> element)
    {
        long[] shape = [.. spec.Shape.Select(size => size < 0 ? 1 : size)];
        if (ShapeText.TryCount(shape) != 1)
        {
            throw Unclear(spec, element.Length, "a body is one element");
        }

        var tensor = new InputTensor(spec.Name, spec.Datatype, shape, RawStrings.PrefixLength + element.Length);
        RawStrings.Write(tensor.Bytes, element);
        return tensor;
    }

    // One dimension at most is open: the number of bytes tells it.
    private static long[] ShapeOf(TensorSpec spec, int bytes)
    {
        var open = spec.Shape.Count(size => size < 0);
        long[] shape = [.. spec.Shape.Select(size => size < 0 ? 1 : size)];
        var unit = (ShapeText.TryCount(shape) ?? long.MaxValue / 8) * ElementTypes.SizeOf(spec.Datatype);
        if (open > 1 || (open == 1 ? unit == 0 || bytes % unit != 0 : bytes != unit))
        {
            throw Unclear(spec, bytes, open > 1 ? "only one dimension may be open" : $"a row takes {unit} bytes");
        }

        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = spec.Shape[i] < 0 ? bytes / unit : shape[i];
        }

        return shape;
    }

    private static InferenceException Unclear(TensorSpec spec, int bytes, string why) => InferenceException.Client(
        $"{V2Format.BinaryHeader} is 0, so the body is the input {Words.Of(spec)}: {bytes} bytes do not make it, {why}. Send JSON that says the shape.");
}
