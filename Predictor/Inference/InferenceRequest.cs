using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>A request as every protocol means it: tensors in, names of the outputs that are wanted. Owns the tensors.</summary>
internal sealed class InferenceRequest : IDisposable
{
    private readonly List<InputTensor> _inputs = [];

    /// <summary>The caller's name for the request, given back with the answer.</summary>
    public string? Id { get; set; }

    public IReadOnlyList<InputTensor> Inputs => _inputs;

    /// <summary>In the order of the answer.</summary>
    public IReadOnlyList<string> Outputs { get; set; } = [];

    /// <summary>Takes over a tensor.</summary>
    public void Add(InputTensor tensor) => _inputs.Add(tensor);

    /// <summary>Checks what no single field shows, and fills in what was left out.</summary>
    /// <exception cref="InferenceException">An input is missing, sizes that must be equal are not, or an output cannot be written.</exception>
    public void Complete(SessionSignature signature)
    {
        var sizes = new Dictionary<string, (long Size, string Input)>(StringComparer.Ordinal);
        foreach (var declared in signature.Inputs)
        {
            var tensor = _inputs.Find(input => input.Name == declared.Spec.Name)
                ?? throw InferenceException.Client($"The input {Words.Of(declared.Spec)} is missing.");
            CheckSymbols(tensor, declared, sizes);
        }

        Outputs = Outputs.Count == 0 ? signature.OutputNames : Outputs;
        foreach (var name in Outputs)
        {
            SupportedDatatypes.Check("output", signature.FindOutput(name)!);
        }
    }

    public void Dispose() => _inputs.ForEach(input => input.Dispose());

    private static void CheckSymbols(InputTensor tensor, SessionInput declared, Dictionary<string, (long Size, string Input)> sizes)
    {
        for (var i = 0; i < tensor.Shape.Length; i++)
        {
            var symbol = declared.Symbols[i];
            if (symbol.Length == 0)
            {
                continue;
            }

            if (!sizes.TryGetValue(symbol, out var seen))
            {
                sizes.Add(symbol, (tensor.Shape[i], tensor.Name));
            }
            else if (seen.Size != tensor.Shape[i])
            {
                throw InferenceException.Client(
                    $"The input {tensor.Name} has {tensor.Shape[i]} as dimension {i} ({symbol}), the input {seen.Input} has {seen.Size}: they must be equal.");
            }
        }
    }
}
