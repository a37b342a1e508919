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

    private readonly DateTime _deadline;
    private readonly TimeProvider _time;
    private readonly TimeSpan _transit;
    private readonly CancellationTokenSource _left = new();
    private readonly CancellationTokenRegistration _registration;

    /// <param name="deadline">Of the call, UTC; the latest there is for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="aborted">Cancelled when the caller leaves, and not by the deadline.</param>
    public CallerPatience(DateTime deadline, TimeProvider time, CancellationToken aborted)
    {
        (_deadline, _time) = (deadline, time);
        var half = FromNow / 2;
        _transit = half < LongestTransit ? half : LongestTransit;
        _registration = aborted.UnsafeRegister(static self => ((CallerPatience)self!).Leave(), this);
    }

    /// <summary>How long the caller of a call waits.</summary>
    public static CallerPatience Of(ServerCallContext call, TimeProvider time) => new(call.Deadline, time, call.GetHttpContext().RequestAborted);

    /// <summary>Cancelled when the caller leaves before its time is over.</summary>
    public CancellationToken Left => _left.Token;

    /// <summary>The time the caller gives, the shorter of what it says in two places; null when it says none.</summary>
    /// <param name="other">The other place.</param>
    /// <exception cref="InferenceException">It is over.</exception>
    public TimeSpan? Remaining(TimeSpan? other)
    {
        if (_deadline == DateTime.MaxValue)
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

    private TimeSpan FromNow => _deadline - _time.GetUtcNow().UtcDateTime;

    private void Leave()
    {
        if (FromNow > _transit)
        {
            _left.Cancel();
        }
    }
}
