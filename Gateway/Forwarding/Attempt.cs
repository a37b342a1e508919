using Sluice.Contracts;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Gateway.Forwarding;

/// <summary>How one attempt at a replica ended.</summary>
/// <param name="Fault">Whose fault it was.</param>
/// <param name="IsAnswer">Whether the replica answered, with whatever status, and that answer was passed on.</param>
/// <param name="MayGoElsewhere">Whether nothing of the request was used up, as no connection came about.</param>
/// <param name="Status">The status of a client's fault.</param>
internal readonly record struct Attempt(FaultClass Fault, bool IsAnswer = false, bool MayGoElsewhere = false, int Status = 0)
{
    /// <summary>The replica's answer was passed on to its end.</summary>
    public static Attempt Answered(FaultClass outcome) => new(outcome, IsAnswer: true);

    /// <summary>Reads what the forwarder reports.</summary>
    /// <param name="error">What it returned.</param>
    /// <param name="context">Holds the exception, and the status for the caller.</param>
    /// <param name="deadlinePassed">Whether the deadline ended it. It is asked first, as it shows up as any of the others.</param>
    public static Attempt Failed(ForwarderError error, HttpContext context, bool deadlinePassed)
    {
        if (deadlinePassed)
        {
            return new(FaultClass.Deadline);
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        switch (error)
        {
            case ForwarderError.Request or ForwarderError.RequestTimedOut when IsConnectFailure(exception):
                return new(FaultClass.Gateway, MayGoElsewhere: true);

            case ForwarderError.RequestBodyClient when BadRequestIn(exception) is { } bad && !context.RequestAborted.IsCancellationRequested:
                return new(FaultClass.Client, Status: bad.StatusCode);

            case ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyClient:
            case ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled:
                return new(FaultClass.Cancelled);

            default:
                return new(FaultClass.Gateway);
        }
    }

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
