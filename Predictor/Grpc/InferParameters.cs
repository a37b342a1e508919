using Google.Protobuf.Collections;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Protocols;
using Sluice.Protos;
using Choice = Sluice.Protos.InferParameter.ParameterChoiceOneofCase;

namespace Sluice.Predictor.Grpc;

/// <summary>The <c>parameters</c> of requests, inputs and outputs, as <see cref="V2Parameters"/> has them over REST. Those not known are passed over.</summary>
internal static class InferParameters
{
    /// <summary>Reads the parameters of a request.</summary>
    /// <returns>The time it has; null for none.</returns>
    /// <exception cref="InferenceException">One cannot be followed.</exception>
    public static TimeSpan? ReadRequest(MapField<string, InferParameter> parameters)
    {
        Check(parameters, "parameters");
        foreach (var key in parameters.Keys)
        {
            if (key == "headers" || key.StartsWith("triton_", StringComparison.Ordinal))
            {
                throw InferenceException.Client($"parameters.{Words.Cut(key)} is reserved for the server.");
            }
        }

        return parameters.TryGetValue("timeout", out var timeout) ? ReadTimeout(timeout) : null;
    }

    /// <summary>Refuses what would change the meaning of a tensor and is not offered.</summary>
    /// <exception cref="InferenceException">Names the parameter.</exception>
    public static void Check(MapField<string, InferParameter> parameters, string what)
    {
        foreach (var key in parameters.Keys)
        {
            if (!V2Parameters.IsOffered(key))
            {
                throw InferenceException.Client($"{what}.{Words.Cut(key)} is not offered by this server.");
            }
        }
    }

    // Microseconds, as the protocol says; zero is none.
    private static TimeSpan? ReadTimeout(InferParameter timeout)
    {
        var microseconds = timeout.ParameterChoiceCase switch
        {
            Choice.Int64Param => timeout.Int64Param,
            Choice.Uint64Param => (long)Math.Min(timeout.Uint64Param, long.MaxValue),
            _ => -1,
        };
        return microseconds switch
        {
            < 0 => throw InferenceException.Client("parameters.timeout must be a whole number, zero or more (int64_param or uint64_param): microseconds."),
            0 => null,
            > long.MaxValue / TimeSpan.TicksPerMicrosecond => TimeSpan.MaxValue,
            _ => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond),
        };
    }
}
