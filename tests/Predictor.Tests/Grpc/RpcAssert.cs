using Grpc.Core;
using Sluice.Contracts;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>What a failed call must tell.</summary>
internal static class RpcAssert
{
    public static async Task<RpcException> FailsAsync(Task call, StatusCode code, FaultClass fault, string expected)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => call);
        if (GrpcServer.Given is null)
        {
            Assert.Contains(expected, exception.Status.Detail, StringComparison.Ordinal); // the words are ours
        }

        Assert.Equal(code, exception.StatusCode);
        Assert.Equal(fault.Label(), exception.Trailers.GetValue(SluiceHeaders.Fault));
        Assert.DoesNotContain("   at ", exception.Status.Detail, StringComparison.Ordinal);
        return exception;
    }
}
