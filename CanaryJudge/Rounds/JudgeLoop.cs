using Microsoft.Extensions.Options;
using Sluice.CanaryJudge.Sources;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>Looks every few seconds, as long as the Registry is heard: a judge does not judge by what a file says.</summary>
internal sealed partial class JudgeLoop(
    JudgeRound round, JudgeLease lease, IMetricsSource source, RegistryWatch watch, IOptions<JudgeOptions> options, TimeProvider time, ILogger<JudgeLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogBegins(source.Name, options.Value.Interval.TotalSeconds);
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TickAsync(stoppingToken);
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
            await lease.EndAsync(patience.Token);
        }
        catch (Exception exception)
        {
            LogLeaseKept(exception.Message);
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (!watch.IsConnected)
        {
            return;
        }

        try
        {
            await round.TickAsync(watch.Current, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogRoundFailed(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Rollouts are judged by the source {Source}, every {Seconds} s")]
    private partial void LogBegins(string source, double seconds);

    [LoggerMessage(LogLevel.Warning, "The rollouts could not be looked at; the next look is made in time. {Reason}")]
    private partial void LogRoundFailed(string reason);

    [LoggerMessage(LogLevel.Debug, "The lease could not be given back; it expires. {Reason}")]
    private partial void LogLeaseKept(string reason);
}
