using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.Protos;
using InferOutputTensor = Sluice.Protos.ModelInferResponse.Types.InferOutputTensor;

namespace Sluice.Predictor.Grpc;

/// <summary>Makes a <c>ModelInferResponse</c>.</summary>
internal static class InferResponseWriter
{
    /// <summary>Bytes of outputs that are sent typed: a negative INT8 takes ten bytes there, and a message has at most 2 GiB.</summary>
    private const long LargestTyped = 128 * 1024 * 1024;

    private const long LargestRaw = int.MaxValue - (1024 * 1024);

    /// <summary>The answer in the form the request had: raw for raw, typed for typed, but raw where a datatype has no typed form.</summary>
    /// <param name="answer">What was computed. The message refers to its outputs, and is good for as long as they are.</param>
    /// <param name="raw">Whether the request was raw.</param>
    /// <exception cref="InferenceException">It is larger than a message can be.</exception>
    public static ModelInferResponse Write(in InferenceAnswer answer, bool raw)
    {
        var response = new ModelInferResponse
        {
            ModelName = answer.Version.Model,
            ModelVersion = answer.Version.Version.ToString(CultureInfo.InvariantCulture),
            Id = answer.Request.Id ?? "",
        };
        raw |= NeedsRaw(answer.Outputs);
        for (var i = 0; i < answer.Outputs.Count; i++)
        {
            ref readonly var output = ref answer.Outputs[i];
            var tensor = new InferOutputTensor { Name = output.Name, Datatype = output.Datatype, Shape = { output.Shape } };
            response.Outputs.Add(tensor);
            if (raw)
            {
                response.RawOutputContents.Add(RawContents.Wrap(output));
            }
            else
            {
                Fill(tensor.Contents = new InferTensorContents(), output);
            }
        }

        return response;
    }

    private static bool NeedsRaw(OutputTensors outputs)
    {
        var bytes = 0L;
        var untyped = false;
        for (var i = 0; i < outputs.Count; i++)
        {
            bytes += outputs[i].Bytes.Length;
            untyped |= TypedReader.FieldOf(outputs[i].Datatype) is null;
        }

        return bytes <= LargestRaw
            ? untyped || bytes > LargestTyped
            : throw InferenceException.Model($"The outputs have {bytes} bytes, more than one message can carry.");
    }

    private static void Fill(InferTensorContents contents, in OutputTensor output)
    {
        switch (output.Datatype)
        {
            case Datatype.Bool:
                Copy(output.Elements<bool>(), contents.BoolContents);
                break;
            case Datatype.Int8:
                Widen(output.Elements<sbyte>(), contents.IntContents);
                break;
            case Datatype.Int16:
                Widen(output.Elements<short>(), contents.IntContents);
                break;
            case Datatype.Int32:
                Copy(output.Elements<int>(), contents.IntContents);
                break;
            case Datatype.Int64:
                Copy(output.Elements<long>(), contents.Int64Contents);
                break;
            case Datatype.UInt8:
                Widen(output.Elements<byte>(), contents.UintContents);
                break;
            case Datatype.UInt16:
                Widen(output.Elements<ushort>(), contents.UintContents);
                break;
            case Datatype.UInt32:
                Copy(output.Elements<uint>(), contents.UintContents);
                break;
            case Datatype.UInt64:
                Copy(output.Elements<ulong>(), contents.Uint64Contents);
                break;
            case Datatype.Fp32:
                Copy(output.Elements<float>(), contents.Fp32Contents);
                break;
            case Datatype.Fp64:
                Copy(output.Elements<double>(), contents.Fp64Contents);
                break;
            case Datatype.Bytes:
                Copy(output.Bytes, contents.BytesContents);
                break;
            default:
                throw new UnreachableException($"{output.Datatype} has no typed contents.");
        }
    }

    private static void Copy<T>(ReadOnlySpan<T> from, RepeatedField<T> to)
    {
        to.Capacity = from.Length;
        foreach (var element in from)
        {
            to.Add(element);
        }
    }

    private static void Widen<T, TWide>(ReadOnlySpan<T> from, RepeatedField<TWide> to)
        where T : unmanaged, IBinaryInteger<T>
        where TWide : IBinaryInteger<TWide>
    {
        to.Capacity = from.Length;
        foreach (var element in from)
        {
            to.Add(TWide.CreateTruncating(element));
        }
    }

    private static void Copy(ReadOnlySpan<byte> from, RepeatedField<ByteString> to)
    {
        while (RawStrings.TryTake(ref from, out var element))
        {
            to.Add(ByteString.CopyFrom(element));
        }
    }
}
