using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults;

namespace Sluice.Predictor.Reports;

/// <summary>Who this replica is, and where gateways reach it.</summary>
internal sealed partial class ReplicaIdentity(
    IServer server, IOptions<PredictorOptions> options, IOptions<ManagementOptions> management, ILogger<ReplicaIdentity> logger)
{
    private string? _address;
    private string? _grpcAddress;

    /// <summary>Unique for the life of the process.</summary>
    public string Id { get; } = options.Value.ReplicaId
        ?? $"{Environment.MachineName.ToLowerInvariant()}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    /// <summary>An absolute http URL without a path; known once the server listens.</summary>
    /// <exception cref="InvalidOperationException">The server listens nowhere that can be told.</exception>
    public string Address => _address ??= options.Value.AdvertisedAddress is { } advertised
        ? advertised.GetLeftPart(UriPartial.Authority)
        : FromServer(port => port != management.Value.Port && port != options.Value.GrpcPort)
            ?? throw new InvalidOperationException("The server listens on no public address. Set Predictor:AdvertisedAddress.");

    /// <summary>The same of the gRPC endpoint; null when there is none.</summary>
    public string? GrpcAddress => _grpcAddress ??= (options.Value.AdvertisedGrpcAddress, options.Value.GrpcPort, options.Value.AdvertisedAddress) switch
    {
        ({ } advertised, _, _) => advertised.GetLeftPart(UriPartial.Authority),
        (_, null, _) => null,
        (_, { } grpc, { } advertised) => $"http://{advertised.Host}:{grpc}",
        (_, { } grpc, null) => FromServer(port => port == grpc),
    };

    /// <summary>Where its metrics are read: the management port at the same host, which never speaks TLS; null where there is none.</summary>
    public string? MetricsAddress => management.Value.Port is { } port ? $"http://{new Uri(Address).Host}:{port}" : null;

    private string? FromServer(Func<int, bool> isWanted)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (addresses.Select(BindingAddress.Parse).FirstOrDefault(address => isWanted(address.Port)) is not { } bound)
        {
            return null;
        }

        var wildcard = bound.Host is "*" or "+" or "0.0.0.0" or "[::]";
        var address = $"{bound.Scheme}://{(wildcard ? "127.0.0.1" : bound.Host)}:{bound.Port}";
        if (wildcard)
        {
            LogLoopback(bound.Host, address);
        }

        return address;
    }

    [LoggerMessage(LogLevel.Warning, "The server listens on all addresses ({Host}) and tells gateways {Address}, which only this machine reaches. Set Predictor:AdvertisedAddress where gateways run elsewhere")]
    private partial void LogLoopback(string host, string address);
}
