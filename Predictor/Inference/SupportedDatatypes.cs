using Sluice.Contracts;

namespace Sluice.Predictor.Inference;

/// <summary>The datatypes that requests and answers carry. A model with others is loaded and can be asked for the outputs that are supported.</summary>
internal static class SupportedDatatypes
{
    private static readonly string[] Supported = [Datatype.Fp32, Datatype.Fp64, Datatype.Int32, Datatype.Int64];

    /// <summary>Refuses a tensor that cannot be carried.</summary>
    /// <exception cref="InferenceException">Says which are supported.</exception>
    public static void Check(string role, TensorSpec spec)
    {
        if (!Supported.Contains(spec.Datatype))
        {
            throw InferenceException.Client(
                $"The {role} {spec.Name} is {spec.Datatype}, which is not supported here yet: {string.Join(", ", Supported)} are."
                + (role == "output" ? " Name other outputs in \"outputs\"." : ""));
        }
    }
}
