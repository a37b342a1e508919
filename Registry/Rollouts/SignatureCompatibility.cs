using Sluice.Contracts;

namespace Sluice.Registry.Rollouts;

/// <summary>Whether every request that one version accepts is accepted by another.</summary>
internal static class SignatureCompatibility
{
    /// <summary>What a caller of the stable version would be refused by the canary, in a sentence; null when nothing.</summary>
    public static string? FindProblem(ModelSignature stable, ModelSignature canary) =>
        FindMissing("input", canary.Inputs, stable.Inputs, "which callers do not send")
        ?? FindMissing("input", stable.Inputs, canary.Inputs, "which callers send and the new version does not take")
        ?? stable.Inputs.Select(input => FindProblem(input, canary.Inputs.First(other => other.Name == input.Name))).FirstOrDefault(problem => problem is not null)
        ?? FindMissing("output", stable.Outputs, canary.Outputs, "which callers may ask for and the new version does not give")
        ?? stable.Outputs
            .Select(output => (output, other: canary.Outputs.First(other => other.Name == output.Name)))
            .Where(pair => pair.output.Datatype != pair.other.Datatype)
            .Select(pair => $"output {pair.output.Name} is {pair.other.Datatype}, callers get {pair.output.Datatype} today")
            .FirstOrDefault();

    private static string? FindMissing(string what, IReadOnlyList<TensorSpec> wanted, IReadOnlyList<TensorSpec> there, string why) => wanted
        .Where(tensor => there.All(other => other.Name != tensor.Name))
        .Select(tensor => $"{what} {tensor.Name} ({tensor.Datatype} [{string.Join(',', tensor.Shape)}]), {why}")
        .FirstOrDefault();

    private static string? FindProblem(TensorSpec stable, TensorSpec canary)
    {
        if (stable.Datatype != canary.Datatype)
        {
            return $"input {stable.Name} is {canary.Datatype}, callers send {stable.Datatype}";
        }

        var accepts = stable.Shape.Count == canary.Shape.Count
            && stable.Shape.Zip(canary.Shape).All(dimension => dimension.Second == -1 || dimension.Second == dimension.First);
        return accepts ? null : $"input {stable.Name} takes [{string.Join(',', canary.Shape)}], callers may send [{string.Join(',', stable.Shape)}]";
    }
}
