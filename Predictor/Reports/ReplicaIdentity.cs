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

    /// <summary>Unique for the life of the process.</summary>
    public string Id { get; } = options.Value.ReplicaId
        ?? $"{Environment.MachineName.ToLowerInvariant()}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    /// <summary>An absolute http URL without a path; known once the server listens.</summary>
    /// <exception cref="InvalidOperationException">The server listens nowhere that can be told.</exception>
    public string Address => _address ??= options.Value.AdvertisedAddress is { } advertised
        ? advertised.GetLeftPart(UriPartial.Authority)
        : FromServer();

    private string FromServer()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var bound = addresses.Select(BindingAddress.Parse).FirstOrDefault(address => address.Port != management.Value.Port)
            ?? throw new InvalidOperationException("The server listens on no public address. Set Predictor:AdvertisedAddress.");
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
