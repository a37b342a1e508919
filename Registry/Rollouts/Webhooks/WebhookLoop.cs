using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Store;

namespace Sluice.Registry.Rollouts.Webhooks;

/// <summary>
/// Asks the webhooks of rollouts that wait for one, every ten seconds. Several Registries may ask at once: the answer is carried out by compare-and-set on
/// the generation that was asked about.
/// </summary>
internal sealed partial class WebhookLoop(RolloutRecords records, Rollouts rollouts, WebhookCall call, TimeProvider time, ILogger<WebhookLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(10);
    private static readonly Caller Webhook = new("webhook", []);

    private readonly Dictionary<string, (long Generation, long AskedAt)> _asked = [];

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
        try
        {
            var waiting = (await records.ListOpenAsync(cancellationToken)).Where(rollout => rollout.Pause?.Kind == PauseKind.Webhook).ToList();
            foreach (var gone in _asked.Keys.Except(waiting.Select(rollout => rollout.Id)).ToList())
            {
                _asked.Remove(gone);
            }

            await Task.WhenAll(waiting.Where(IsDue).ToList().Select(rollout => AskAsync(rollout, cancellationToken)));
        }
        catch (StoreUnavailableException away)
        {
            LogAway(away.Message);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception);
        }
    }

    private bool IsDue(Rollout rollout)
    {
        if (_asked.TryGetValue(rollout.Id, out var last) && last.Generation == rollout.Generation && time.GetElapsedTime(last.AskedAt) < AskEvery)
        {
            return false;
        }

        _asked[rollout.Id] = (rollout.Generation, time.GetTimestamp());
        return true;
    }

    private async Task AskAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var answer = await call.AskAsync(rollout, cancellationToken);
        LogAnswered(rollout.Id, rollout.Plan.Webhook!.Host, answer.Decision, answer.Reason ?? "no reason given");
        if (answer.Decision == "wait")
        {
            return;
        }

        Func<RolloutState, Cause, CommandOutcome> rule = answer.Decision == "approve" ? RolloutOrders.Approve : RolloutOrders.RollBack;
        var reason = $"The webhook {rollout.Plan.Webhook.Host} says {answer.Decision}{(answer.Reason is { } why ? $": {why}" : "")}.";
        await rollouts.OrderAsync(
            rollout.Id, rollout.Generation, (state, now) => rule(state, new Cause(Webhook.Name, reason, now)), Webhook, cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Rollout {Id}: the webhook {Host} says {Decision} ({Reason})")]
    private partial void LogAnswered(string id, string host, string decision, string reason);

    [LoggerMessage(LogLevel.Warning, "Webhooks are not asked while the store is away. {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Error, "Webhooks could not be asked; they are asked again in a second")]
    private partial void LogFailed(Exception exception);
}

/// <summary>Adds webhooks.</summary>
internal static class WebhookSetup
{
    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<WebhookConnections>();
        builder.Services.AddSingleton<WebhookCall>();
        builder.Services.AddHostedService<WebhookLoop>();
    }
}
