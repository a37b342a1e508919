using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Runtime;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Reports;

/// <summary>Tells the Registry what this replica holds, every two seconds and on change, and says goodbye at the end.</summary>
internal sealed partial class ReplicaReporter(
    RegistryClient registry,
    ReplicaIdentity identity,
    ServedVersions served,
    ChangeSignal changes,
    ComputeDevice device,
    IHostApplicationLifetime lifetime,
    IOptions<PredictorOptions> options,
    TimeProvider time,
    ILogger<ReplicaReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>The end of the process waits no longer than that for a Registry that does not answer.</summary>
    private static readonly TimeSpan LastWordLimit = TimeSpan.FromSeconds(0.5);

    private bool _heard = true;
    private bool _saidGoodbye;

    /// <summary>Reports at once; for the end of the process, so the time is bounded.</summary>
    public async Task ReportLastAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LastWordLimit);
        await TickAsync(limit.Token);
    }

    internal async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            await registry.ReportReplicaAsync(identity.Id, Compose(), cancellationToken);
            if (!_heard)
            {
                _heard = true;
                LogHeardAgain();
            }
        }
        catch (Exception exception)
        {
            // The next tick tells everything anew; one line says that it does not get through, not one every two seconds.
            if (_heard && !cancellationToken.IsCancellationRequested)
            {
                _heard = false;
                LogNotHeard(exception.Message);
            }
        }
    }

    /// <summary>Says goodbye, once the server answers no more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (Interlocked.Exchange(ref _saidGoodbye, true))
        {
            return; // a host may be stopped more than once
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LastWordLimit);
        try
        {
            await registry.RemoveReplicaAsync(identity.Id, limit.Token);
        }
        catch (Exception exception)
        {
            LogNoGoodbye(exception.Message);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        LogReporting(identity.Id, options.Value.Pool!, identity.Address, device.Name, device.Reason);
        if (device.IsFallback)
        {
            LogFallback(device.Reason);
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            await TickAsync(stoppingToken);
            await changes.WaitAsync(Interval, time, stoppingToken);
        }
    }

    // The server's addresses are known once it has started.
    private Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lifetime.ApplicationStarted.Register(started.SetResult);
        return started.Task.WaitAsync(stoppingToken);
    }

    private ReplicaReport Compose() => new()
    {
        Pool = options.Value.Pool!,
        Address = identity.Address,
        GrpcAddress = identity.GrpcAddress,
        MetricsAddress = identity.MetricsAddress,
        Device = device.Name,
        DeviceReason = device.Reason,
        Versions = [.. served.All.Select(version => version.Report).OrderBy(version => version.Model, StringComparer.Ordinal).ThenBy(version => version.Version)],
        InFlight = served.InFlight,
        Capacity = options.Value.Capacity,
    };

    [LoggerMessage(LogLevel.Information, "Replica {Id} of pool {Pool} at {Address}, device {Device}: {Reason}")]
    private partial void LogReporting(string id, string pool, string address, string device, string reason);

    [LoggerMessage(LogLevel.Warning, "Models run on the CPU, not on a GPU. {Reason}")]
    private partial void LogFallback(string reason);

    [LoggerMessage(LogLevel.Warning, "The Registry does not take this replica's reports ({Problem}); serving goes on. Check that the Registry runs and that RegistryClient:Token is right")]
    private partial void LogNotHeard(string problem);

    [LoggerMessage(LogLevel.Information, "The Registry takes this replica's reports again")]
    private partial void LogHeardAgain();

    [LoggerMessage(LogLevel.Information, "No goodbye to the Registry ({Problem}); this replica will expire there")]
    private partial void LogNoGoodbye(string problem);
}
