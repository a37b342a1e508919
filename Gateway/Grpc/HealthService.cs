using Grpc.Core;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;
using Sluice.Protos;
using Status = Sluice.Protos.HealthCheckResponse.Types.ServingStatus;

namespace Sluice.Gateway.Grpc;

/// <summary>The service <c>grpc.health.v1.Health</c>: ready once a state was read, as <c>/v2/health/ready</c> says it, and not any more while the process ends.</summary>
internal sealed class HealthService(Routes routes, Drain drain, TimeProvider time, IHostApplicationLifetime lifetime) : Protos.Health.HealthBase
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc />
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        StatusOf(request.Service) is var status && status != Status.ServiceUnknown
            ? Task.FromResult(new HealthCheckResponse { Status = status })
            : throw ModelService.Fault(StatusCode.NotFound, $"The service is unknown: expected is nothing, or {GrpcMethod.Service}.");

    /// <inheritdoc />
    /// <remarks>Ends with the process, which would wait for its watchers otherwise.</remarks>
    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(Interval, time);
        Status? told = null;
        try
        {
            do
            {
                var status = StatusOf(request.Service);
                if (status != told)
                {
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, context.CancellationToken);
                }

                told = status;
            }
            while (await timer.WaitForNextTickAsync(end.Token));
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = Status.NotServing }, context.CancellationToken);
            throw ModelService.Fault(StatusCode.Unavailable, "The server stops.", Contracts.FaultClass.Capacity);
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or its time is over.
        }
    }

    private Status StatusOf(string service) => service switch
    {
        not ("" or GrpcMethod.Service) => Status.ServiceUnknown,
        _ when drain.IsDraining => Status.NotServing,
        _ => routes.Current.IsKnown ? Status.Serving : Status.NotServing,
    };
}
