using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Health;

/// <summary>
/// Asks every replica again and again whether it lives. A process that hangs keeps its connections and looks merely busy: only this tells, and what was
/// sent to it goes to another one. And a replica of which the Registry no longer hears is kept as long as it answers here.
/// </summary>
internal sealed partial class ProbeLoop(Routes routes, UpstreamConnections upstream, IOptions<GatewayOptions> options, TimeProvider time, ILogger<ProbeLoop> logger)
    : BackgroundService
{
    private const int MostMisses = 3;

    private readonly ConcurrentDictionary<Replica, int> _misses = new();
    private readonly ConcurrentDictionary<Replica, bool> _asking = new();

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ProbeInterval, time);
        do
        {
            var replicas = routes.Current.Replicas.Values;
            foreach (var replica in replicas)
            {
                if (_asking.TryAdd(replica, true))
                {
                    _ = ProbeAsync(replica, stoppingToken); // each for itself: one that hangs holds up nobody
                }
            }

            foreach (var gone in _misses.Keys.Except(replicas))
            {
                _misses.TryRemove(gone, out _);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ProbeAsync(Replica replica, CancellationToken stoppingToken)
    {
        try
        {
            var problem = await FindProblemAsync(replica, stoppingToken);
            var misses = problem is null ? 0 : _misses.AddOrUpdate(replica, 1, (_, before) => before + 1);
            if (problem is null)
            {
                _misses.TryRemove(replica, out _);
                Tell(replica, replica.Probed(alive: true), null);
            }
            else if (misses >= MostMisses && !stoppingToken.IsCancellationRequested)
            {
                Tell(replica, replica.Probed(alive: false), problem);
            }
        }
        finally
        {
            _asking.TryRemove(replica, out _);
        }
    }

    private void Tell(Replica replica, bool isNews, string? problem)
    {
        if (!isNews)
        {
            return;
        }

        if (problem is null)
        {
            LogAlive(replica.Id, replica.Address);
            return;
        }

        LogDown(replica.Id, replica.Address, problem);
        routes.Refresh(); // one that was kept only because it answered goes now
    }

    private async Task<string?> FindProblemAsync(Replica replica, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(options.Value.ProbeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(replica.Address, InferencePaths.Live));
            using var answer = await upstream.Invoker.SendAsync(request, either.Token);

            // An address may have been given to another process since.
            return answer.Headers.TryGetValues(SluiceHeaders.Replica, out var ids) && ids.First() is var id && id != replica.Id
                ? $"replica {id} answers there"
                : answer.IsSuccessStatusCode ? null : $"it answers {(int)answer.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return limit.IsCancellationRequested ? $"no answer within {options.Value.ProbeTimeout.TotalSeconds} s" : exception.GetBaseException().Message;
        }
    }

    [LoggerMessage(LogLevel.Debug, "Replica {Replica} at {Address} answers probes")]
    private partial void LogAlive(string replica, Uri address);

    [LoggerMessage(LogLevel.Warning, "Replica {Replica} at {Address} missed three probes in a row and is given up until it answers one ({Problem}); what was sent to it goes to others")]
    private partial void LogDown(string replica, Uri address, string problem);
}
