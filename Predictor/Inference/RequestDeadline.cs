using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Predictor.Inference;

/// <summary>When a request is over: its caller left, or its time passed.</summary>
internal sealed class RequestDeadline : IDisposable
{
    private readonly CancellationTokenSource _time;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;

    private RequestDeadline(TimeSpan remaining, TimeProvider time, CancellationToken caller)
    {
        Remaining = remaining;
        _caller = caller;
        _time = new CancellationTokenSource(remaining, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_time.Token, caller);
    }

    /// <summary>The time the request had at its start.</summary>
    public TimeSpan Remaining { get; }

    public CancellationToken Token => _either.Token;

    /// <summary>Whether the caller left.</summary>
    public bool IsAbandoned => _caller.IsCancellationRequested;

    /// <summary>Reads the header <see cref="SluiceHeaders.TimeoutMilliseconds"/>, else takes the default.</summary>
    /// <exception cref="InferenceException">The header is no number of milliseconds, or says that no time is left.</exception>
    public static RequestDeadline Of(HttpContext context, TimeSpan defaultTimeout, TimeProvider time)
    {
        var remaining = defaultTimeout;
        if (context.Request.Headers.TryGetValue(SluiceHeaders.TimeoutMilliseconds, out var value))
        {
            if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            {
                throw InferenceException.Client($"The header {SluiceHeaders.TimeoutMilliseconds} must be a whole number of milliseconds.");
            }

            remaining = milliseconds > 0
                ? TimeSpan.FromMilliseconds(milliseconds)
                : throw InferenceException.Deadline($"The deadline had passed when the request came ({SluiceHeaders.TimeoutMilliseconds}: {milliseconds}).");
        }

        return new RequestDeadline(remaining, time, context.RequestAborted);
    }

    public void Dispose()
    {
        _either.Dispose();
        _time.Dispose();
    }
}
