namespace Sluice.Contracts;

/// <summary>One input or output of a model.</summary>
/// <param name="Name">Its name in the ONNX graph.</param>
/// <param name="Datatype">One of <see cref="Contracts.Datatype"/>.</param>
/// <param name="Shape">Its dimensions; -1 is any size.</param>
public sealed record TensorSpec(string Name, string Datatype, IReadOnlyList<long> Shape);

/// <summary>The tensors a model takes and gives, derived from its graph.</summary>
/// <param name="Inputs">In the graph's order.</param>
/// <param name="Outputs">In the graph's order; the first is the primary one.</param>
public sealed record ModelSignature(IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs);
