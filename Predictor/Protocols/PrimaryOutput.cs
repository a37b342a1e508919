using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>The output that matters most: where a classifier says its class, else the first.</summary>
internal static class PrimaryOutput
{
    public static string NameOf(in AskedVersion asked) => ClassOutput.Of(asked.Artifact, asked.Signature)?.Name ?? asked.Signature.OutputNames[0];
}
