using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Predictor.Inference;

/// <summary>When a request is over: its caller left, or its time passed.</summary>
internal sealed class RequestDeadline : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _leaving;
    private readonly CancellationToken _caller;

    /// <param name="remaining">From now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">Cancelled when the caller leaves.</param>
    public RequestDeadline(TimeSpan remaining, TimeProvider time, CancellationToken caller)
    {
        Remaining = remaining;
        _caller = caller;
        _over = new CancellationTokenSource(remaining, time);
        _leaving = caller.UnsafeRegister(static over => ((CancellationTokenSource)over!).Cancel(), _over);
    }

    /// <summary>The time the request had at its start.</summary>
    public TimeSpan Remaining { get; private set; }

    public CancellationToken Token => _over.Token;

    /// <summary>Whether the caller left.</summary>
    public bool IsAbandoned => _caller.IsCancellationRequested;

    /// <summary>Reads the header <see cref="SluiceHeaders.TimeoutMilliseconds"/>; null when it is not there.</summary>
    /// <exception cref="InferenceException">It is no number of milliseconds, or says that no time is left.</exception>
    public static TimeSpan? Read(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(SluiceHeaders.TimeoutMilliseconds, out var value))
        {
            return null;
        }

        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            throw InferenceException.Client($"The header {SluiceHeaders.TimeoutMilliseconds} must be a whole number of milliseconds.");
        }

        return milliseconds > 0
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw InferenceException.Deadline($"The deadline had passed when the request came ({SluiceHeaders.TimeoutMilliseconds}: {milliseconds}).");
    }

    /// <summary>Takes a time that the body gives, where it is shorter. What the body took to come is not taken off: its sender counts from when it was sent.</summary>
    public void Shorten(TimeSpan? remaining)
    {
        if (remaining < Remaining)
        {
            Remaining = remaining.Value;
            _over.CancelAfter(Remaining);
        }
    }

    public void Dispose()
    {
        _leaving.Dispose(); // first: it waits for a cancellation under way
        _over.Dispose();
    }
}
