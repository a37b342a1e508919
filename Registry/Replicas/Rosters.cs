using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Store;

namespace Sluice.Registry.Replicas;

/// <summary>The predictors.</summary>
internal sealed class ReplicaRoster(IStore store, IReports reports, IOptions<RegistryOptions> options, TimeProvider time, ILogger<ReplicaRoster> logger)
    : Roster<ReplicaReport, ReplicaStatus>(ObjectKinds.Replica, ContractsJson.Default.ReplicaStatus, store, reports, options, time, logger)
{
    protected override ReplicaStatus StatusOf(string id, ReplicaReport report) => new()
    {
        Id = id,
        Pool = report.Pool,
        Address = report.Address,
        GrpcAddress = report.GrpcAddress,
        MetricsAddress = report.MetricsAddress,
        Device = report.Device,
        DeviceReason = report.DeviceReason,
        Versions = report.Versions,
    };

    protected override LastReport LastOf(ReplicaReport report, DateTimeOffset at) => new(at, report.InFlight, Capacity: report.Capacity);
}

/// <summary>The gateways.</summary>
internal sealed class GatewayRoster(IStore store, IReports reports, IOptions<RegistryOptions> options, TimeProvider time, ILogger<GatewayRoster> logger)
    : Roster<GatewayReport, GatewayStatus>(ObjectKinds.Gateway, ContractsJson.Default.GatewayStatus, store, reports, options, time, logger)
{
    protected override GatewayStatus StatusOf(string id, GatewayReport report) => new()
    {
        Id = id,
        Address = report.Address,
        MetricsAddress = report.MetricsAddress,
        Routes = report.Routes,
    };

    protected override LastReport LastOf(GatewayReport report, DateTimeOffset at) => new(at, report.InFlight, Revision: report.Revision) { Loads = report.Loads };
}

/// <summary>Strikes silent members off, once a second.</summary>
internal sealed partial class ExpiryLoop(IEnumerable<IRoster> rosters, TimeProvider time, ILogger<ExpiryLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TickAsync(stoppingToken);
        }
    }

    internal async Task TickAsync(CancellationToken cancellationToken)
    {
        foreach (var roster in rosters)
        {
            try
            {
                await roster.ExpireAsync(cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(exception.Message);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Silent replicas and gateways are not struck off while the store is away. {Reason}")]
    private partial void LogStoreUnavailable(string reason);

    [LoggerMessage(LogLevel.Error, "Silent replicas and gateways could not be struck off; it is tried again in a second. Check the store")]
    private partial void LogFailed(Exception exception);
}
