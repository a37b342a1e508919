using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Mirror;

/// <summary>
/// Copies a share of what stable answered to the canary, and compares the two answers. A caller never waits for it, and whatever is too much for it is dropped.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Copied is what stable answered well from a held body with a held answer, and what asked for no version.</item>
/// <item>Only replicas of the canary's pool are asked: a copy must not take the place of a user's request at a stable one. Nothing is asked twice.</item>
/// <item>A copy is no request: neither the figures that versions are judged by know it, nor the version's breaker.</item>
/// <item>All waiting copies and their answers take a quarter of the budget for held bytes at most, so that users' requests are still held.</item>
/// </list>
/// </remarks>
internal sealed partial class TrafficMirror : BackgroundService
{
    private const int ShareOfBudget = 4;
    private static readonly ActivitySource Source = new(MetricNames.GatewayMeter);
    private static readonly TimeSpan BetweenExamples = TimeSpan.FromMinutes(1);

    private readonly Attempts _attempts;
    private readonly Routes _routes;
    private readonly GatewayMetrics _metrics;
    private readonly MirrorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TrafficMirror> _logger;
    private readonly TimeSpan _timeout;
    private readonly long _mostBytes;
    private readonly Channel<MirrorCopy> _queue;
    private readonly CancellationTokenSource _stopping = new();
    private long _bytes;
    private long _nextExample;

    public TrafficMirror(
        Attempts attempts, Routes routes, GatewayMetrics metrics, IOptions<MirrorOptions> options, IOptions<GatewayOptions> gateway, TimeProvider time, ILogger<TrafficMirror> logger)
    {
        (_attempts, _routes, _metrics, _options, _time, _logger) = (attempts, routes, metrics, options.Value, time, logger);
        var most = TimeSpan.FromSeconds(5);
        _timeout = _options.MirrorTimeout ?? (gateway.Value.RequestTimeout < most ? gateway.Value.RequestTimeout : most);
        _mostBytes = gateway.Value.HeldBytes / ShareOfBudget;
        _queue = Channel.CreateBounded<MirrorCopy>(_options.MirrorQueue);
        _nextExample = time.GetTimestamp();
    }

    /// <summary>Copies that wait.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Whether a request for a version is to be copied, if it is answered well: by the share, and luck.</summary>
    public static bool Draws(ModelRoute model, VersionRoute version) =>
        model.MirrorShare > Weight.None && version == model.Stable && Random.Shared.Next(Weight.Whole) < model.MirrorShare.BasisPoints;

    /// <summary>Takes a copy of a request that was drawn, if it can be compared; returns at once.</summary>
    public void Offer(InferenceCall call)
    {
        if (call is not { Body: { } body, Answer: { } answer, AnsweredBy.Version: { } stable } || call.Context.Response.StatusCode is < 200 or > 299)
        {
            return; // it failed, or is too large to be held: there is nothing to compare with
        }

        if (!TryTake(body.Size + (long)answer.Size))
        {
            _metrics.Mirrored(stable.ModelFigures, MirrorResult.Dropped);
            return;
        }

        var copy = _routes.Current.Find(stable.Model)?.Canary is { IsReady: true } canary && Waiting < _options.MirrorQueue
            ? new MirrorCopy(call, stable, canary, _time.GetTimestamp(), _stopping.Token)
            : null;
        if (copy is null)
        {
            Interlocked.Add(ref _bytes, -(body.Size + (long)answer.Size));
            _metrics.Mirrored(stable.ModelFigures, MirrorResult.Dropped);
        }
        else if (!_queue.Writer.TryWrite(copy))
        {
            End(copy, MirrorResult.Dropped);
        }
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
        while (_queue.Reader.TryRead(out var copy))
        {
            End(copy, MirrorResult.Dropped);
        }
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Activity.Current = null; // the traces of copies are their own
        return Task.WhenAll(Enumerable.Range(0, _options.MirrorConcurrency).Select(_ => WorkAsync(stoppingToken)));
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                while (!stoppingToken.IsCancellationRequested && _queue.Reader.TryRead(out var copy))
                {
                    await TakeAsync(copy);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task TakeAsync(MirrorCopy copy)
    {
        var result = MirrorResult.Dropped;
        try
        {
            result = await MirrorAsync(copy);
        }
        catch (Exception exception)
        {
            LogFailed(exception, copy.Stable.Model); // a mistake of ours; the next copy may fare better
        }
        finally
        {
            End(copy, result);
        }
    }

    private async Task<MirrorResult> MirrorAsync(MirrorCopy copy)
    {
        // What has waited for so long would only keep the canary busy, and its memory.
        if (_time.GetElapsedTime(copy.Queued) >= _timeout
            || _routes.Current.Find(copy.Stable.Model)?.Canary is not { } canary || canary.Version != copy.Canary || Choose(canary) is not { } replica)
        {
            return MirrorResult.Dropped;
        }

        using var span = StartSpan(copy, canary);
        using var call = new InferenceCall(copy.Context, copy.Protocol, _timeout, _time) { Body = copy.RetainBody() };
        var (attempt, answer) = await _attempts.SendAsync(call, copy.Context, canary, replica, number: 0, _attempts.CanaryRoom, call.Deadline);
        try
        {
            var result = attempt switch
            {
                { Fault: FaultClass.Cancelled or FaultClass.Capacity } => MirrorResult.Dropped, // we stop, or it is busy
                { IsAnswer: false } or { Fault: not FaultClass.Ok } => MirrorResult.Error,
                _ when answer is null => MirrorResult.Dropped, // too large, or no room
                _ => Compare(copy, canary, AnswerBody.Of(answer.Memory, copy.Context.Response.Headers)),
            };
            span?.SetTag("sluice.mirror.result", result.Label());
            if (result == MirrorResult.Error)
            {
                TellExample(copy, canary, attempt.Fault.Label());
            }

            return result;
        }
        finally
        {
            answer?.Release();
        }
    }

    private MirrorResult Compare(MirrorCopy copy, VersionRoute canary, AnswerBody answer)
    {
        var (stable, rule) = (copy.Stable.Definition, ComparisonRule.For(_options, copy.Stable.Definition, canary.Definition));
        AnswerReader expected;
        try
        {
            expected = AnswerReader.Read(copy.Answer, copy.Protocol, stable.Signature);
        }
        catch (InvalidDataException exception)
        {
            LogUnreadable(copy.Stable.Model, copy.Stable.Version, exception.Message);
            return MirrorResult.Dropped;
        }

        using (expected)
        {
            var difference = FindDifference(expected, answer, copy.Protocol, canary.Definition, rule);
            if (difference is not null)
            {
                TellExample(copy, canary, difference);
            }

            return difference is null ? MirrorResult.Agree : MirrorResult.Disagree;
        }
    }

    private static string? FindDifference(AnswerReader expected, AnswerBody answer, InferenceProtocol protocol, ModelVersion canary, ComparisonRule rule)
    {
        try
        {
            using var found = AnswerReader.Read(answer, protocol, canary.Signature);
            return AnswerComparison.FindDifference(expected.Parts, found.Parts, rule);
        }
        catch (InvalidDataException exception)
        {
            return $"it cannot be read: {exception.Message}";
        }
    }

    private ReadyReplica? Choose(VersionRoute canary)
    {
        var ready = Array.FindAll(canary.Ready, static ready => ready.Replica.Pool == Pools.Canary);
        var now = _time.GetTimestamp();
        return ready.Length > 0 && ReplicaChoice.First(ready, now, Random.Shared) is var chosen && !chosen.Replica.IsAvoided(now) ? chosen : null;
    }

    private static Activity? StartSpan(MirrorCopy copy, VersionRoute canary)
    {
        var span = Source.StartActivity(
            ActivityKind.Internal, parentContext: default, links: copy.Caller is { } caller ? [new ActivityLink(caller)] : [], name: "mirror");
        span?.SetTag("sluice.model", canary.Model);
        span?.SetTag("sluice.version", canary.VersionText);
        return span;
    }

    private bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= _mostBytes)
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    private void End(MirrorCopy copy, MirrorResult result)
    {
        Interlocked.Add(ref _bytes, -copy.Size);
        copy.Release();
        _metrics.Mirrored(copy.Stable.ModelFigures, result);
    }

    private void TellExample(MirrorCopy copy, VersionRoute canary, string what)
    {
        var (now, next) = (_time.GetTimestamp(), Interlocked.Read(ref _nextExample));
        if (now >= next && Interlocked.CompareExchange(ref _nextExample, now + (long)(BetweenExamples.TotalSeconds * _time.TimestampFrequency), next) == next)
        {
            LogExample(canary.Version, copy.Stable.Version, canary.Model, copy.Caller?.TraceId.ToString() ?? "none", what);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Version {Canary} answers otherwise than version {Stable} of {Model}; one example a minute, trace {Trace}: {What}")]
    private partial void LogExample(int canary, int stable, string model, string trace, string what);

    [LoggerMessage(LogLevel.Debug, "An answer of {Model} version {Version} cannot be compared with a canary's: {Reason}")]
    private partial void LogUnreadable(string model, int version, string reason);

    [LoggerMessage(LogLevel.Error, "A mirrored request for {Model} could not be compared")]
    private partial void LogFailed(Exception exception, string model);
}
