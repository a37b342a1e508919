using Grpc.Core;
using Grpc.Net.Client;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Protos;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Grpc;

/// <summary>
/// A server of the protocol that serves the models of <see cref="Models"/>: a predictor of its own, or the one at the address in the environment variable
/// SLUICE_CONFORMANCE_GRPC_URL.
/// </summary>
public sealed class GrpcServer : IAsyncLifetime
{
    /// <summary>Larger than the default of clients, 4 MiB.</summary>
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    /// <summary>The address that was given; null where a predictor of our own is asked.</summary>
    public static readonly Uri? Given = Environment.GetEnvironmentVariable("SLUICE_CONFORMANCE_GRPC_URL") is { Length: > 0 } url ? new Uri(url) : null;

    private Stage? _stage;
    private GrpcChannel _channel = null!;

    /// <summary>Each model's name and file.</summary>
    public static IReadOnlyDictionary<string, byte[]> Models => GrpcModels.All;

    public Uri Address { get; private set; } = null!;

    /// <summary>The same models over REST; null at an address that was given.</summary>
    public RunningPredictor? Rest => _stage?.Predictor;

    internal GRPCInferenceService.GRPCInferenceServiceClient Inference { get; private set; } = null!;

    internal Health.HealthClient Health { get; private set; } = null!;

    /// <summary>The model y = x of a datatype, [-1, 2].</summary>
    public static string Identity(string datatype) => GrpcModels.Identity(datatype);

    /// <summary>Skips the test when the server at the address does not declare the extension.</summary>
    public async Task RequireExtensionAsync(string extension) => Assert.SkipWhen(
        Given is not null && !(await Inference.ServerMetadataAsync(new())).Extensions.Contains(extension), $"The server does not declare the extension {extension}.");

    public static GrpcChannel ChannelTo(Uri address) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions { MaxReceiveMessageSize = MaxMessageBytes, MaxSendMessageSize = MaxMessageBytes });

    public async ValueTask InitializeAsync()
    {
        if (Given is null)
        {
            _stage = await Stage.SetAsync();
            foreach (var (name, model) in Models)
            {
                _stage.Registry.Serve(name, model);
            }
        }

        Address = Given ?? _stage!.Predictor.Grpc;
        _channel = ChannelTo(Address);
        Inference = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
        Health = new Health.HealthClient(_channel);
        await Eventually.BecomesTrueAsync(AllAreReadyAsync, TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }

    private async Task<bool> AllAreReadyAsync()
    {
        foreach (var name in Models.Keys)
        {
            if (!await IsReadyAsync(name))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> IsReadyAsync(string model)
    {
        try
        {
            return (await Inference.ModelReadyAsync(new ModelReadyRequest { Name = model })).Ready;
        }
        catch (RpcException)
        {
            return false; // it has not heard of it yet
        }
    }
}
