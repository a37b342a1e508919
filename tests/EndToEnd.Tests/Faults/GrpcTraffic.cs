using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using Sluice.Contracts;
using Sluice.Protos;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>Users of version 1 of a wine model over gRPC: some clients with a connection each, which several callers share. None of them tries anything twice.</summary>
internal sealed class GrpcTraffic
{
    private const int Clients = 4;
    private const int CallersOfEach = 4;
    private const int Features = 13;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly ModelInferRequest _request;
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly Task _sending;
    private int _answered;
    private volatile bool _isOver;

    private GrpcTraffic(Uri address, string model)
    {
        var contents = new InferTensorContents { Fp32Contents = { new float[Features] } };
        _request = new ModelInferRequest
        {
            ModelName = model,
            Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "features", Datatype = Datatype.Fp32, Shape = { 1, Features }, Contents = contents } },
        };
        _sending = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => SendAsync(address))));
    }

    /// <summary>Starts it.</summary>
    public static GrpcTraffic Start(Uri address, string model) => new(address, model);

    /// <summary>Waits until so many more calls were answered.</summary>
    public Task MoreAsync(int count)
    {
        var until = Volatile.Read(ref _answered) + count;
        return Eventually.BecomesTrueAsync(() => Volatile.Read(ref _answered) >= until, TimeSpan.FromMinutes(5), $"{until} calls are answered");
    }

    /// <summary>Stops it.</summary>
    /// <returns>What went wrong.</returns>
    public async Task<IReadOnlyCollection<string>> EndAsync()
    {
        _isOver = true;
        await _sending.WaitAsync(TimeSpan.FromSeconds(60));
        return _problems;
    }

    private async Task SendAsync(Uri address)
    {
        using var channel = GrpcChannel.ForAddress(address);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        await Task.WhenAll(Enumerable.Range(0, CallersOfEach).Select(async _ =>
        {
            while (!_isOver)
            {
                if (await AskAsync(client) is { } problem)
                {
                    _problems.Enqueue(problem);
                }

                Interlocked.Increment(ref _answered);
                await Task.Delay(Pause);
            }
        }));
    }

    private async Task<string?> AskAsync(GRPCInferenceService.GRPCInferenceServiceClient client)
    {
        try
        {
            var answer = await client.ModelInferAsync(_request, deadline: DateTime.UtcNow.AddSeconds(60));
            return answer.ModelVersion == "1" && answer.Outputs.Count > 0 ? null : answer.ToString();
        }
        catch (RpcException exception)
        {
            return exception.Status.ToString();
        }
    }
}
