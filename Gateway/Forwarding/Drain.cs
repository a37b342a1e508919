using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Sluice.Gateway.Limits;

namespace Sluice.Gateway.Forwarding;

/// <summary>
/// The end of the process without a failed request: when it is asked to stop it says that it is not ready and tells every client to use another
/// connection, goes on answering until no request has come for half a second and none is in flight, and only then stops listening.
/// </summary>
internal sealed partial class Drain(
    IOptions<GatewayOptions> options, IOptions<LimitOptions> limits, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private int _inFlight;
    private long _lastRequest;

    /// <summary>Whether the process is about to end.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>A request for inference came.</summary>
    /// <returns>Whether it may go on; false when <see cref="LimitOptions.MaxInFlight"/> are in flight already. Then it is not to be ended.</returns>
    public bool TryBegin(HttpContext context)
    {
        if (Interlocked.Increment(ref _inFlight) > limits.Value.MaxInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            return false;
        }

        if (IsDraining && HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose(); // the calls on it go on
        }
        else if (IsDraining)
        {
            context.Response.Headers.Connection = "close";
        }

        return true;
    }

    /// <summary>It ended.</summary>
    public void End()
    {
        Volatile.Write(ref _lastRequest, time.GetTimestamp());
        Interlocked.Decrement(ref _inFlight);
    }

    /// <inheritdoc />
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        IsDraining = true;
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(Look, time);
        while (!IsQuiet())
        {
            if (time.GetElapsedTime(started) >= options.Value.DrainTimeout || cancellationToken.IsCancellationRequested)
            {
                LogCut(Volatile.Read(ref _inFlight), options.Value.DrainTimeout.TotalSeconds);
                return;
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool IsQuiet() => Volatile.Read(ref _inFlight) == 0
        && (Volatile.Read(ref _lastRequest) == 0 || time.GetElapsedTime(Volatile.Read(ref _lastRequest)) >= Quiet);

    [LoggerMessage(LogLevel.Warning, "Stopping with {InFlight} requests in flight after {Seconds} s (Gateway:DrainTimeout); make it longer if requests take that long")]
    private partial void LogCut(int inFlight, double seconds);
}
