using Grpc.Core;
using Sluice.Predictor.Inference;
using Sluice.Protos;

namespace Sluice.Predictor.Grpc;

/// <summary>Inference over gRPC: one request, or a stream of them.</summary>
internal sealed class GrpcInference(InferenceHandler handler, TimeProvider time)
{
    /// <summary>Flushed together with the trailers.</summary>
    private static readonly WriteOptions Held = new(WriteFlags.BufferHint);

    /// <summary>Answers one request.</summary>
    /// <exception cref="RpcException">It cannot be answered.</exception>
    /// <remarks>
    /// To the server it is a stream of one answer, which is the same on the wire: so the answer is written while the outputs that it refers to are
    /// there, and is copied once, from where the runtime put it into the response.
    /// </remarks>
    public async Task InferAsync(ModelInferRequest request, IServerStreamWriter<ModelInferResponse> responses, ServerCallContext call)
    {
        responses.WriteOptions = Held;
        using var caller = CallerPatience.Of(call, time);
        var exchange = new GrpcExchange(request, call.GetHttpContext(), isOnlyOne: true, caller, responses.WriteAsync);
        await handler.HandleAsync(exchange);
        if (exchange.Failure is { } failure)
        {
            throw GrpcFault.Of(failure);
        }
    }

    /// <summary>Answers requests one after the other, in their order: at most one is in work and one is on its way in, however fast they come.</summary>
    /// <exception cref="RpcException">What comes is no request; one that merely fails does not end the stream.</exception>
    public async Task InferStreamAsync(IAsyncStreamReader<ModelInferRequest> requests, IServerStreamWriter<ModelStreamInferResponse> responses, ServerCallContext call)
    {
        using var caller = CallerPatience.Of(call, time);
        while (await MoveNextAsync(requests, call.CancellationToken))
        {
            var request = requests.Current;
            var exchange = new GrpcExchange(request, call.GetHttpContext(), isOnlyOne: false, caller, SendAsync);
            await handler.HandleAsync(exchange);
            if (exchange.Failure is { } failure)
            {
                await responses.WriteAsync(FailureOf(request, failure), call.CancellationToken);
            }
        }

        Task SendAsync(ModelInferResponse answer, CancellationToken cancellationToken) =>
            responses.WriteAsync(new ModelStreamInferResponse { InferResponse = answer }, cancellationToken);
    }

    // What it cannot read, the library tells as INTERNAL or UNKNOWN.
    private static async Task<bool> MoveNextAsync(IAsyncStreamReader<ModelInferRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            return await requests.MoveNext(cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Internal)
        {
            throw GrpcFault.Client(StatusCode.InvalidArgument, exception.Status.Detail);
        }
        catch (InvalidDataException)
        {
            throw GrpcFault.Client(StatusCode.InvalidArgument, FramingFaults.Explanation);
        }
    }

    private static ModelStreamInferResponse FailureOf(ModelInferRequest request, InferenceException failure) => new()
    {
        ErrorMessage = failure.Message,
        InferResponse = new ModelInferResponse { Id = request.Id, ModelName = request.ModelName, ModelVersion = request.ModelVersion },
    };
}
