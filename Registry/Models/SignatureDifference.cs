using Sluice.Contracts;

namespace Sluice.Registry.Models;

/// <summary>Compares a signature that was given with the graph's.</summary>
internal static class SignatureDifference
{
    /// <summary>The first difference in words; null when they agree. The order of tensors does not count: they are known by name.</summary>
    public static string? Find(ModelSignature given, ModelSignature derived) =>
        Find("input", given.Inputs, derived.Inputs) ?? Find("output", given.Outputs, derived.Outputs);

    private static string? Find(string role, IReadOnlyList<TensorSpec> given, IReadOnlyList<TensorSpec> derived)
    {
        foreach (var tensor in derived)
        {
            var same = given.Where(other => other.Name == tensor.Name).ToList();
            if (same.Count != 1)
            {
                return $"the graph has the {role} {Describe(tensor)}, the given signature has it {(same.Count == 0 ? "not" : "twice")}";
            }

            if (same[0].Datatype != tensor.Datatype || !same[0].Shape.SequenceEqual(tensor.Shape))
            {
                return $"the {role} {Describe(tensor)} of the graph was given as {Describe(same[0])}";
            }
        }

        return given.FirstOrDefault(tensor => derived.All(other => other.Name != tensor.Name)) is { } extra
            ? $"the given {role} {Describe(extra)} is not in the graph"
            : null;
    }

    private static string Describe(TensorSpec tensor) => $"'{tensor.Name}' {tensor.Datatype} [{string.Join(", ", tensor.Shape)}]";
}
