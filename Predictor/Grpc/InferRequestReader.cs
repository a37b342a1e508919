using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;
using Sluice.Protos;
using InferInputTensor = Sluice.Protos.ModelInferRequest.Types.InferInputTensor;

namespace Sluice.Predictor.Grpc;

/// <summary>Reads a <c>ModelInferRequest</c> against what the model takes.</summary>
internal static class InferRequestReader
{
    /// <summary>Dimensions that are worth showing in a message; a caller may send any number.</summary>
    private const int MaxRank = 32;

    /// <summary>Whether the tensors of a request come as raw bytes.</summary>
    public static bool IsRaw(ModelInferRequest message) => message.RawInputContents.Count > 0;

    /// <summary>Reads the request; the caller disposes it.</summary>
    /// <exception cref="InferenceException">It does not fit the model, or contradicts itself.</exception>
    public static InferenceRequest Read(ModelInferRequest message, SessionSignature signature)
    {
        var request = new InferenceRequest { Id = message.Id.Length > 0 ? message.Id : null, Timeout = InferParameters.ReadRequest(message.Parameters) };
        try
        {
            if (IsRaw(message) && message.RawInputContents.Count != message.Inputs.Count)
            {
                throw InferenceException.Client(
                    $"raw_input_contents has {message.RawInputContents.Count} entries, expected is one for each of the {message.Inputs.Count} inputs, in their order.");
            }

            for (var i = 0; i < message.Inputs.Count; i++)
            {
                ReadInput(message, i, request, signature);
            }

            request.Outputs = ReadOutputs(message, signature);
            request.Complete(signature);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static void ReadInput(ModelInferRequest message, int index, InferenceRequest request, SessionSignature signature)
    {
        var input = message.Inputs[index];
        var what = $"inputs[{index}]";
        var spec = signature.FindInput(input.Name)?.Spec ?? throw InferenceException.Client(
            $"{what}.name: the model has no input {Words.Quoted(input.Name)}, it has {Words.List(signature.InputNames)}.");
        if (request.FindInput(input.Name) is not null)
        {
            throw InferenceException.Client($"{what}.name: the input {input.Name} is there twice.");
        }

        if (input.Datatype != spec.Datatype)
        {
            throw InferenceException.Client($"{what}.datatype is {Words.Quoted(input.Datatype)}, the input {spec.Name} takes {spec.Datatype}.");
        }

        InferParameters.Check(input.Parameters, $"{what}.parameters");
        var shape = ReadShape(input, what, spec);
        request.Add(IsRaw(message)
            ? RawContents.Read(spec, shape, message.RawInputContents[index], input.Contents is not null)
            : TypedReader.Read(spec, shape, input.Contents));
    }

    private static long[] ReadShape(InferInputTensor input, string what, Contracts.TensorSpec spec)
    {
        if (input.Shape.Count > MaxRank)
        {
            throw InferenceException.Client($"{what}.shape has {input.Shape.Count} dimensions, the input {spec.Name} takes {ShapeText.Of(spec.Shape)} (-1 is any size).");
        }

        long[] shape = [.. input.Shape];
        var negative = Array.FindIndex(shape, size => size < 0);
        if (negative >= 0)
        {
            throw InferenceException.Client($"{what}.shape[{negative}] of the input {spec.Name} must be a whole number, zero or more; it is {shape[negative]}.");
        }

        return ShapeText.Fits(shape, spec.Shape)
            ? shape
            : throw InferenceException.Client($"{what}.shape is {ShapeText.Of(shape)}, the input {spec.Name} takes {ShapeText.Of(spec.Shape)} (-1 is any size).");
    }

    private static List<string> ReadOutputs(ModelInferRequest message, SessionSignature signature)
    {
        var names = new List<string>(Math.Min(message.Outputs.Count, signature.Outputs.Count));
        for (var i = 0; i < message.Outputs.Count; i++)
        {
            var name = message.Outputs[i].Name;
            if (signature.FindOutput(name) is null)
            {
                throw InferenceException.Client($"outputs[{i}].name: the model has no output {Words.Quoted(name)}, it has {Words.List(signature.OutputNames)}.");
            }

            if (names.Contains(name))
            {
                throw InferenceException.Client($"outputs[{i}].name: the output {name} is there twice.");
            }

            InferParameters.Check(message.Outputs[i].Parameters, $"outputs[{i}].parameters");
            names.Add(name);
        }

        return names;
    }
}
