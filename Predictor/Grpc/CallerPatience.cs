using Grpc.Core;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Grpc;

/// <summary>How long the caller of a gRPC call waits, and whether it left before.</summary>
/// <remarks>
/// A client cancels the call by itself when its deadline passes, and its clock started a little before ours: whoever leaves that close to the end did
/// not change its mind, it was not answered in time.
/// </remarks>
internal sealed class CallerPatience : IDisposable
{
    private static readonly TimeSpan LongestTransit = TimeSpan.FromMilliseconds(100);

    private readonly ServerCallContext _call;
    private readonly TimeProvider _time;
    private readonly TimeSpan _transit;
    private readonly CancellationTokenSource _left = new();
    private readonly CancellationTokenRegistration _registration;

    public CallerPatience(ServerCallContext call, TimeProvider time)
    {
        (_call, _time) = (call, time);
        var half = FromNow / 2;
        _transit = half < LongestTransit ? half : LongestTransit;

        // Not the call's own token: that is cancelled by the deadline, too.
        _registration = call.GetHttpContext().RequestAborted.UnsafeRegister(static self => ((CallerPatience)self!).Leave(), this);
    }

    /// <summary>Cancelled when the caller leaves before its time is over.</summary>
    public CancellationToken Left => _left.Token;

    /// <summary>The time the caller gives, the shorter of what it says in two places; null when it says none.</summary>
    /// <param name="other">The other place.</param>
    /// <exception cref="InferenceException">It is over.</exception>
    public TimeSpan? Remaining(TimeSpan? other)
    {
        if (_call.Deadline == DateTime.MaxValue)
        {
            return other;
        }

        var remaining = FromNow;
        return remaining <= TimeSpan.Zero ? throw InferenceException.Deadline("The deadline had passed when the request was read.")
            : other < remaining ? other
            : remaining;
    }

    public void Dispose()
    {
        _registration.Dispose();
        _left.Dispose();
    }

    private TimeSpan FromNow => _call.Deadline - _time.GetUtcNow().UtcDateTime;

    private void Leave()
    {
        if (FromNow > _transit)
        {
            _left.Cancel();
        }
    }
}
