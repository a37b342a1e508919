using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Inference;

/// <summary>A request as every protocol means it: tensors in, names of the outputs that are wanted. Owns the tensors.</summary>
internal class InferenceRequest : IDisposable
{
    private readonly List<InputTensor> _inputs = [];

    /// <summary>The caller's name for the request, given back with the answer.</summary>
    public string? Id { get; set; }

    /// <summary>The time that the body gives the request, where it says one.</summary>
    public TimeSpan? Timeout { get; set; }

    public IReadOnlyList<InputTensor> Inputs => _inputs;

    /// <summary>In the order of the answer.</summary>
    public IReadOnlyList<string> Outputs { get; set; } = [];

    /// <summary>Takes over a tensor.</summary>
    public void Add(InputTensor tensor) => _inputs.Add(tensor);

    /// <summary>Checks what no single field shows, and fills in what was left out.</summary>
    /// <exception cref="InferenceException">An input is missing.</exception>
    public void Complete(SessionSignature signature)
    {
        foreach (var declared in signature.Inputs)
        {
            _ = FindInput(declared.Spec.Name) ?? throw InferenceException.Client($"The input {Words.Of(declared.Spec)} is missing.");
        }

        Outputs = Outputs.Count == 0 ? signature.OutputNames : Outputs;    }

    /// <summary>Finds dimensions that the model declares to be equal, by one name, and that are not; null for none.</summary>
    /// <remarks>
    /// Asked only when a run failed, to tell whose fault that was: some converters give all unknown dimensions one name, and such a model computes
    /// requests that its declaration would forbid.
    /// </remarks>
    public string? FindUnequalSizes(SessionSignature signature)
    {
        var sizes = new Dictionary<string, (long Size, string Input)>(StringComparer.Ordinal);
        foreach (var declared in signature.Inputs)
        {
            var tensor = FindInput(declared.Spec.Name)!;
            for (var i = 0; i < tensor.Shape.Length; i++)
            {
                var symbol = declared.Symbols[i];
                if (symbol.Length > 0 && !sizes.TryAdd(symbol, (tensor.Shape[i], tensor.Name)) && sizes[symbol].Size != tensor.Shape[i])
                {
                    var (size, other) = sizes[symbol];
                    return $"The input {tensor.Name} has {tensor.Shape[i]} as dimension {i} ({symbol}), the input {other} has {size}: they must be equal.";
                }
            }
        }

        return null;
    }

    /// <summary>The tensor of an input; null when the request has none.</summary>
    public InputTensor? FindInput(string name)
    {
        foreach (var input in _inputs)
        {
            if (input.Name == name)
            {
                return input;
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var input in _inputs)
        {
            input.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}
