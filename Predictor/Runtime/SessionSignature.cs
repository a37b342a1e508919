using Sluice.Contracts;

namespace Sluice.Predictor.Runtime;

/// <summary>An input as the session declares it.</summary>
/// <param name="Spec">Name, datatype, shape.</param>
/// <param name="Symbols">Per dimension the name of its size, empty where it has none; equal names are equal sizes.</param>
internal sealed record SessionInput(TensorSpec Spec, IReadOnlyList<string> Symbols);

/// <summary>What a loaded session takes and gives.</summary>
internal sealed class SessionSignature(IReadOnlyList<SessionInput> inputs, IReadOnlyList<TensorSpec> outputs)
{
    public IReadOnlyList<SessionInput> Inputs { get; } = inputs;

    public IReadOnlyList<string> InputNames { get; } = [.. inputs.Select(input => input.Spec.Name)];

    public IReadOnlyList<TensorSpec> Outputs { get; } = outputs;

    public IReadOnlyList<string> OutputNames { get; } = [.. outputs.Select(output => output.Name)];

    public SessionInput? FindInput(string name) => Inputs.FirstOrDefault(input => input.Spec.Name == name);

    public TensorSpec? FindOutput(string name) => Outputs.FirstOrDefault(output => output.Name == name);
}
