using Sluice.Contracts;
using Sluice.Registry.Onnx;

namespace Sluice.Registry.Models;

/// <summary>Finds what will hurt later about a version that can be served.</summary>
internal static class VersionWarnings
{
    /// <summary>The newest operator set that ONNX Runtime 1.29 takes without being told to: a session over a newer one is refused at load.</summary>
    public const long NewestOpset = 26;

    /// <summary>The oldest operator set that ONNX Runtime promises to support.</summary>
    public const long OldestOpset = 7;

    private const long LargeArtifact = 2L << 30;

    private static readonly string[] ScoreWords = ["prob", "logit", "score", "softmax"];

    /// <summary>The warnings, in an order that does not change.</summary>
    /// <param name="onnx">The graph.</param>
    /// <param name="bytes">Size of the artifact.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="hasGolden">Whether golden vectors came.</param>
    public static IReadOnlyList<VersionWarning> Find(OnnxModel onnx, long bytes, IReadOnlyList<string> labels, bool hasGolden) =>
        [.. FindBatch(onnx), .. FindLabels(onnx.Signature, labels), .. FindOpset(onnx), .. FindRest(onnx, bytes, hasGolden)];

    private static IEnumerable<VersionWarning> FindBatch(OnnxModel onnx) => onnx.Signature.Inputs
        .Where(input => input.Shape is [] or [>= 0, ..])
        .Take(1) // one is enough to prevent batches
        .Select(input => new VersionWarning(WarningCodes.FixedBatch, input.Shape.Count == 0
            ? $"The input '{input.Name}' has no dimensions, so requests are served one by one. Export it with an open first dimension to have them joined."
            : $"The first dimension of the input '{input.Name}' is fixed at {input.Shape[0]}, so requests are served one by one. Export it as an open (dynamic) one to have them joined."));

    private static IEnumerable<VersionWarning> FindLabels(ModelSignature signature, IReadOnlyList<string> labels)
    {
        var scores = signature.Outputs.Where(output => IsFloating(output.Datatype) && output.Shape is [.., > 1] and { Count: 2 }).ToList();
        if (labels.Count > 0 && signature.Outputs.Where(output => IsFloating(output.Datatype) && output.Shape is [.., > 0]).ToList() is { Count: > 0 } sized
            && sized.TrueForAll(output => output.Shape[^1] != labels.Count))
        {
            var output = scores.FirstOrDefault() ?? sized[0];
            yield return new VersionWarning(
                WarningCodes.LabelCount,
                $"There are {labels.Count} labels, and the last dimension of the output '{output.Name}' is {output.Shape[^1]}: answers name the wrong class, or none.");
        }

        if (labels.Count == 0 && scores.Find(output => IsClassifier(signature, output)) is { } unnamed)
        {
            yield return new VersionWarning(
                WarningCodes.NoLabels,
                $"The output '{unnamed.Name}' looks like the scores of {unnamed.Shape[^1]} classes, and there are no labels: answers number the classes. Send labels with the metadata.");
        }
    }

    // Scores of classes come beside the class itself, or are called so; two numbers of a regression are not.
    private static bool IsClassifier(ModelSignature signature, TensorSpec scores) =>
        signature.Outputs.Any(output => output.Datatype is Datatype.Int64 or Datatype.Int32 or Datatype.Bytes && output.Shape.Count == 1)
        || ScoreWords.Any(word => scores.Name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static bool IsFloating(string datatype) => datatype is Datatype.Fp32 or Datatype.Fp64 or Datatype.Fp16 or Datatype.Bf16;

    private static IEnumerable<VersionWarning> FindOpset(OnnxModel onnx)
    {
        if (onnx.Opset > NewestOpset)
        {
            yield return new VersionWarning(
                WarningCodes.NewOpset, $"The graph asks for operator set {onnx.Opset}; the runtime knows up to {NewestOpset} and will refuse to load it. Export it with an older one.");
        }
        else if (onnx.Opset is > 0 and < OldestOpset)
        {
            yield return new VersionWarning(
                WarningCodes.OldOpset, $"The graph asks for operator set {onnx.Opset}; the runtime promises support from {OldestOpset} on. Export it with a newer one.");
        }
    }

    private static IEnumerable<VersionWarning> FindRest(OnnxModel onnx, long bytes, bool hasGolden)
    {
        if (onnx.MachineLearningNodes > 0)
        {
            yield return new VersionWarning(
                WarningCodes.CpuOperators,
                $"{onnx.MachineLearningNodes} operator(s) are of ai.onnx.ml, which have no GPU kernels: on a GPU they run on the CPU, or the load is refused. Export with core operators where a GPU shall serve.");
        }

        if (bytes > LargeArtifact)
        {
            yield return new VersionWarning(
                WarningCodes.LargeArtifact, $"The artifact has {bytes / (double)(1L << 30):0.0} GiB: fetching and loading it takes long on every replica. Plan prepareTimeout for it.");
        }

        if (!hasGolden)
        {
            yield return new VersionWarning(
                WarningCodes.NoGolden,
                "There are no golden vectors, so a replica is proved with zeros only: one that computes wrong answers is not found out before it serves. Send golden with the metadata, or golden.json.");
        }
    }
}
