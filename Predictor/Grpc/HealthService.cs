using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Sluice.Predictor.Inference;
using Sluice.Protos;
using Status = Sluice.Protos.HealthCheckResponse.Types.ServingStatus;

namespace Sluice.Predictor.Grpc;

/// <summary>The service <c>grpc.health.v1.Health</c>: whether the server, and the inference service in it, is ready, as <c>/v2/health/ready</c> says it.</summary>
internal sealed class HealthService(GrpcModels models, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The table of its methods.</summary>
    public sealed class Methods : IServiceMethodProvider<HealthService>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<HealthService> context)
        {
            context.AddUnaryMethod(
                Of(MethodType.Unary, "Check"), [], static (service, request, _) => Task.FromResult(service.Check(request)));
            context.AddServerStreamingMethod(
                Of(MethodType.ServerStreaming, "Watch"), [], static (service, request, responses, call) => service.WatchAsync(request, responses, call));
        }

        private static Method<HealthCheckRequest, HealthCheckResponse> Of(MethodType type, string method) =>
            new(type, "grpc.health.v1.Health", method, Messages.Of<HealthCheckRequest>(), Messages.Of<HealthCheckResponse>());
    }

    private HealthCheckResponse Check(HealthCheckRequest request) => StatusOf(request.Service) is var status && status != Status.ServiceUnknown
        ? new HealthCheckResponse { Status = status }
        : throw GrpcFault.Client(StatusCode.NotFound, $"The service is unknown: expected is nothing, or {InferenceService.Name}.");

    // Ends with the process, which would wait for its watchers otherwise.
    private async Task WatchAsync(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responses, ServerCallContext call)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(Interval, time);
        var told = await TellAsync(null);
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                told = await TellAsync(told);
            }
        }
        catch (OperationCanceledException) when (!call.CancellationToken.IsCancellationRequested)
        {
            await TellAsync(told);
            throw GrpcFault.Of(InferenceException.Capacity("The server stops."));
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or its time is over.
        }

        async Task<Status> TellAsync(Status? before)
        {
            var status = StatusOf(request.Service);
            if (status != before)
            {
                await responses.WriteAsync(new HealthCheckResponse { Status = status }, call.CancellationToken);
            }

            return status;
        }
    }

    private Status StatusOf(string service) => service switch
    {
        not ("" or InferenceService.Name) => Status.ServiceUnknown,
        _ when lifetime.ApplicationStopping.IsCancellationRequested => Status.NotServing,
        _ => models.IsReady() ? Status.Serving : Status.NotServing,
    };
}
