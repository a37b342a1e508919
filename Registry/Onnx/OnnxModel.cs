using Sluice.Contracts;

namespace Sluice.Registry.Onnx;

/// <summary>What the Registry wants to know of an ONNX file.</summary>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Opset">Version of the default operator set; 0 when the graph asks for none of it.</param>
/// <param name="Signature">Inputs without those that have an initial value, and outputs.</param>
/// <param name="ExternalFiles">Files that hold tensor data, as the model names them: relative to its own folder.</param>
/// <param name="MachineLearningNodes">Nodes whose operators are of <c>ai.onnx.ml</c>, wherever they stand.</param>
internal sealed record OnnxModel(
    long IrVersion, long Opset, ModelSignature Signature, IReadOnlyList<ExternalFile> ExternalFiles, long MachineLearningNodes);

/// <summary>A file beside the model that holds tensor data.</summary>
/// <param name="Location">As the model names it; not checked.</param>
/// <param name="Size">Bytes it has at least, by the offsets and lengths that the model names.</param>
internal sealed record ExternalFile(string Location, long Size);
