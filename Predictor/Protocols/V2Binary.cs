using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Tensors of the binary extension, which stand behind the JSON one after the other.</summary>
internal static class V2Binary
{
    /// <summary>Fills the inputs from the body, with nothing in between.</summary>
    /// <exception cref="InferenceException">Bytes are missing or left over, or are no elements of their datatype.</exception>
    public static async ValueTask FillAsync(RequestBody body, V2Request request, CancellationToken cancellationToken)
    {
        foreach (var tensor in request.BinaryInputs)
        {
            var length = tensor.Bytes.Length;
            var filled = await body.FillAsync(tensor, cancellationToken);
            if (filled < length)
            {
                throw InferenceException.Client($"The input {tensor.Name}: {length - filled} of its {length} bytes are missing.");
            }

            CheckContent(tensor);
        }

        if (!await body.IsAtEndAsync(cancellationToken))
        {
            throw InferenceException.Client("The body has bytes left over behind its last binary tensor.");
        }
    }

    /// <summary>Refuses a size that is not that of the shape.</summary>
    public static void RequireFit(string what, TensorSpec spec, long[] shape, long size)
    {
        var elements = ShapeText.TryCount(shape) ?? long.MaxValue;
        var one = ElementTypes.SizeOf(spec.Datatype);
        if (one == 0 ? size / RawStrings.PrefixLength < elements : size % one != 0 || size / one != elements)
        {
            var taken = elements == long.MaxValue ? "far more" : (elements * (decimal)Math.Max(one, RawStrings.PrefixLength * (one == 0 ? 1 : 0))).ToString(CultureInfo.InvariantCulture);
            throw InferenceException.Client(
                $"{what} is {size}, the shape {ShapeText.Of(shape)} of {spec.Datatype} takes {taken} bytes{(one == 0 ? " or more" : "")}.");
        }
    }

    /// <summary>Refuses bytes that are no elements of their datatype: every other datatype takes any.</summary>
    public static void CheckContent(InputTensor tensor)
    {
        if (tensor.Datatype == Datatype.Bool && tensor.Bytes.IndexOfAnyExceptInRange((byte)0, (byte)1) is var at and >= 0)
        {
            throw InferenceException.Client($"The input {tensor.Name}: element {at} is the byte {tensor.Bytes[at]}, a {Datatype.Bool} is 0 or 1.");
        }

        if (tensor.Datatype == Datatype.Bytes && RawStrings.TryCount(tensor.Bytes) is var count && count != ShapeText.TryCount(tensor.Shape))
        {
            throw InferenceException.Client(
                $"The input {tensor.Name}: its bytes are {(count is null ? "not whole elements" : $"{count} elements")}, the shape {ShapeText.Of(tensor.Shape)} takes {ShapeText.TryCount(tensor.Shape)}, each with its length before it in 4 bytes.");
        }
    }
}
