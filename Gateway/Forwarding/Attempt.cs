using Sluice.Contracts;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Gateway.Forwarding;

/// <summary>How one attempt at a replica ended.</summary>
/// <param name="Fault">Whose fault it was.</param>
/// <param name="IsAnswer">Whether the replica answered, with whatever status.</param>
/// <param name="RetryReason">Why the request may be sent to another replica, in a word for the metric; null when it may not.</param>
/// <param name="Status">The status of a client's fault.</param>
internal readonly record struct Attempt(FaultClass Fault, bool IsAnswer = false, string? RetryReason = null, int Status = 0)
{
    /// <summary>No connection came about.</summary>
    public const string Connect = "connect";

    /// <summary>The connection broke before the answer, or in it.</summary>
    public const string Broken = "broken";

    /// <summary>The replica said that it cannot now.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The replica no longer answers probes.</summary>
    public const string Hung = "hung";

    /// <summary>Another one answered at its address.</summary>
    public const string Stranger = "stranger";

    /// <summary>The replica answered, and the answer was passed on or is held.</summary>
    public static Attempt Answered(FaultClass outcome) =>
        new(outcome, IsAnswer: true, RetryReason: outcome == FaultClass.Capacity ? Unavailable : null);

    /// <summary>Somebody else answered.</summary>
    /// <param name="isHeld">Whether the body can be sent again.</param>
    public static Attempt Strange(bool isHeld) => new(FaultClass.Gateway, RetryReason: isHeld ? Stranger : null);

    /// <summary>Reads what the forwarder reports.</summary>
    /// <param name="error">What it returned.</param>
    /// <param name="context">Holds the exception, and the status for the caller.</param>
    /// <param name="ended">What ended the attempt from outside; asked first, as it shows up as any of the others.</param>
    /// <param name="isHeld">Whether the body can be sent again.</param>
    public static Attempt Failed(ForwarderError error, HttpContext context, AttemptEnd ended, bool isHeld)
    {
        switch (ended)
        {
            case AttemptEnd.Deadline:
                return new(FaultClass.Deadline);
            case AttemptEnd.ReplicaDown:
                return new(FaultClass.Gateway, RetryReason: isHeld ? Hung : null);
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        switch (error)
        {
            case ForwarderError.Request or ForwarderError.RequestTimedOut when IsConnectFailure(exception):
                return new(FaultClass.Gateway, RetryReason: Connect);

            case ForwarderError.RequestBodyClient when BadRequestIn(exception) is { } bad && !IsCutOff(bad) && !context.RequestAborted.IsCancellationRequested:
                return new(FaultClass.Client, Status: bad.StatusCode);

            case ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyClient:
            case ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled:
                return new(FaultClass.Cancelled);

            default:
                return new(FaultClass.Gateway, RetryReason: isHeld ? Broken : null);
        }
    }

    /// <summary>Reads what broke off an answer that was being held.</summary>
    public static Attempt BrokenOff(AttemptEnd ended, bool isAbandoned) => ended switch
    {
        AttemptEnd.Deadline => new(FaultClass.Deadline),
        AttemptEnd.ReplicaDown => new(FaultClass.Gateway, RetryReason: Hung),
        _ => isAbandoned ? new(FaultClass.Cancelled) : new(FaultClass.Gateway, RetryReason: Broken),
    };

    /// <summary>
    /// Whether a body that could not be read ended because its sender left. The server tells that by the same exception as a malformed one, and cancels
    /// the request only a moment later; its words are the only difference.
    /// </summary>
    public static bool IsCutOff(BadHttpRequestException exception) => exception.Message.StartsWith("Unexpected end of request content", StringComparison.Ordinal);

    private static bool IsConnectFailure(Exception? exception) => exception switch
    {
        HttpRequestException http => http.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        OperationCanceledException { InnerException: TimeoutException } => true, // SocketsHttpHandler.ConnectTimeout
        _ => false,
    };

    private static BadHttpRequestException? BadRequestIn(Exception? exception) => exception switch
    {
        BadHttpRequestException bad => bad,
        AggregateException several => several.InnerExceptions.OfType<BadHttpRequestException>().FirstOrDefault(),
        _ => null,
    };
}

/// <summary>What ended an attempt from outside.</summary>
internal enum AttemptEnd
{
    /// <summary>Nothing: it ended by itself, or its caller left.</summary>
    None,

    /// <summary>The time was over.</summary>
    Deadline,

    /// <summary>The probes gave the replica up.</summary>
    ReplicaDown,
}
