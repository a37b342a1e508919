using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Protocols;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Proofs;

/// <summary>Reads golden vectors as tensors.</summary>
internal static class GoldenTensors
{
    /// <summary>Reads a file of golden vectors.</summary>
    /// <exception cref="InferenceException">It is none.</exception>
    public static async Task<IReadOnlyList<GoldenVector>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        try
        {
            return await JsonSerializer.DeserializeAsync(file, ContractsJson.Default.IReadOnlyListGoldenVector, cancellationToken) ?? [];
        }
        catch (JsonException exception)
        {
            throw InferenceException.Model($"The golden vectors cannot be read: {exception.Message}");
        }
    }

    /// <summary>Makes a tensor; the caller disposes it.</summary>
    /// <exception cref="InferenceException">The data is not of the datatype, or does not fill the shape.</exception>
    public static InputTensor Read(TensorSpec spec, GoldenTensor golden)
    {
        var json = JsonMarshal.GetRawUtf8Value(golden.Data);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        JsonBody.RequireArray(ref reader, spec.Name);
        return JsonTensorReader.Read(ref reader, spec, [.. golden.Shape], [.. golden.Shape], json.Length);
    }

    /// <summary>Makes the inputs of a vector, in the order of the signature; the caller disposes them.</summary>
    public static List<InputTensor> ReadInputs(GoldenVector vector, SessionSignature signature)
    {
        var inputs = new List<InputTensor>();
        try
        {
            foreach (var input in signature.Inputs)
            {
                inputs.Add(Read(
                    input.Spec,
                    vector.Inputs.GetValueOrDefault(input.Spec.Name) ?? throw InferenceException.Model($"The input {input.Spec.Name} is missing.")));
            }

            return inputs;
        }
        catch
        {
            inputs.ForEach(input => input.Dispose());
            throw;
        }
    }
}
