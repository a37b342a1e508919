using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Reports;

/// <summary>Tells the Registry what this gateway routes: every two seconds, at once when that changes, and goodbye at the end.</summary>
internal sealed partial class ReportLoop(
    RegistryClient registry, Routes routes, GatewayIdentity identity, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ReportLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private bool _heard = true;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(System.Threading.Timeout.Infinite, lifetime.ApplicationStarted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = routes.ReportChanged; // taken before the routes are read, so that no change is missed
            await TickAsync(stoppingToken);
            await changed.WaitAsync(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Farewell);
        try
        {
            await registry.RemoveGatewayAsync(identity.Id, patience.Token);
        }
        catch (Exception exception)
        {
            LogNoFarewell(exception.Message);
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            await registry.ReportGatewayAsync(identity.Id, Report(), cancellationToken);
            if (!_heard)
            {
                LogHeardAgain();
            }

            _heard = true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (_heard)
            {
                LogNotHeard(exception.Message);
            }

            _heard = false;
        }
    }

    private GatewayReport Report()
    {
        var table = routes.Current;
        return new GatewayReport
        {
            Address = identity.Address(),
            MetricsAddress = identity.MetricsAddress(),
            Revision = table.State.Revision,
            Routes = table.Report,
            InFlight = table.Replicas.Values.Sum(replica => replica.InFlight),
            Loads =
            [
                .. table.Models.Select(model => new ModelLoad(model.Model, model.Traffic.Peak(time.GetElapsedTime(0)))).Where(load => load.PeakInFlight > 0),
            ],
        };
    }

    [LoggerMessage(LogLevel.Warning, "The Registry does not take this gateway's reports; routing goes on by what is known. Is it running? {Reason}")]
    private partial void LogNotHeard(string reason);

    [LoggerMessage(LogLevel.Information, "The Registry takes this gateway's reports again")]
    private partial void LogHeardAgain();

    [LoggerMessage(LogLevel.Debug, "The Registry did not hear this gateway's goodbye; its entry expires. {Reason}")]
    private partial void LogNoFarewell(string reason);
}

/// <summary>Brings the reports.</summary>
internal static class ReportsSetup
{
    public static void AddReports(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GatewayIdentity>();
        builder.Services.AddHostedService<ReportLoop>();
    }
}
