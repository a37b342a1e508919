using System.Globalization;
using Grpc.Core;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Grpc;

/// <summary>Failures as gRPC tells them: a status, and the fault class in the trailers.</summary>
internal static class GrpcFault
{
    /// <summary>Trailer by which clients know how many milliseconds to wait before they try again.</summary>
    private const string RetryTrailer = "grpc-retry-pushback-ms";

    /// <summary>The status of a failure; what HTTP has a more precise number for than 400, gRPC has a code for, too.</summary>
    public static RpcException Of(InferenceException failure)
    {
        var trailers = new Metadata { { SluiceHeaders.Fault, failure.Fault.Label() } };
        if (failure.RetryAfter is { } pause)
        {
            trailers.Add(RetryTrailer, pause.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
        }

        return new RpcException(new Status(CodeOf(failure), failure.Message), trailers);
    }

    /// <summary>A refusal that is the caller's doing.</summary>
    public static RpcException Client(StatusCode code, string message) =>
        new(new Status(code, message), new Metadata { { SluiceHeaders.Fault, FaultClass.Client.Label() } });

    private static StatusCode CodeOf(InferenceException failure) => (StatusCode)failure.Fault.GrpcCode(failure.Status);
}
