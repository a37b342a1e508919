using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Proofs;

/// <summary>Tensors that a model is tried with when there are no golden vectors.</summary>
internal static class Probes
{
    /// <summary>Zeros, or empty strings; null for a shape that is too large to be tried.</summary>
    public static InputTensor? Zeros(TensorSpec spec, long[] shape)
    {
        if (ShapeText.TryCount(shape) is not { } elements || elements > int.MaxValue / 8)
        {
            return null;
        }

        var size = spec.Datatype == Datatype.Bytes ? RawStrings.PrefixLength : ElementTypes.SizeOf(spec.Datatype);
        var tensor = new InputTensor(spec.Name, spec.Datatype, shape, (int)elements * size);
        tensor.Bytes.Clear();
        return tensor;
    }

    /// <summary>Numbers around zero, each row another one, the same with every call; 0 and 1 where they are whole, since those may be indexes.</summary>
    public static InputTensor? Various(TensorSpec spec, long[] shape)
    {
        if (Zeros(spec, shape) is not { } tensor)
        {
            return null;
        }

        var random = new Random(1);
        switch (spec.Datatype)
        {
            case Datatype.Fp32:
                Fill(tensor.Elements<float>(), () => (float)((random.NextDouble() * 2) - 1));
                break;
            case Datatype.Fp64:
                Fill(tensor.Elements<double>(), () => (random.NextDouble() * 2) - 1);
                break;
            case Datatype.Fp16:
                Fill(tensor.Elements<Half>(), () => (Half)((random.NextDouble() * 2) - 1));
                break;
            case Datatype.Bf16:
                Fill(tensor.Elements<ushort>(), () => (ushort)(BitConverter.SingleToUInt32Bits((float)((random.NextDouble() * 2) - 1)) >> 16));
                break;
            case Datatype.Bytes:
                break;
            default:
                FillLowest(tensor.Bytes, ElementTypes.SizeOf(spec.Datatype), random);
                break;
        }

        return tensor;
    }

    private static void Fill<T>(Span<T> elements, Func<T> next)
    {
        foreach (ref var element in elements)
        {
            element = next();
        }
    }

    private static void FillLowest(Span<byte> bytes, int size, Random random)
    {
        for (var i = 0; i < bytes.Length; i += size)
        {
            bytes[i] = (byte)random.Next(2);
        }
    }
}
