namespace Sluice.Registry.Http;

/// <summary>
/// The <c>type</c> of each problem: a name that programs may rely on, where titles and details are words for people. They name the kind of refusal; the
/// field that is wrong is in <c>field</c>.
/// </summary>
internal static class ProblemTypes
{
    private const string Prefix = "urn:sluice:problem:";

    /// <summary>The type of problems with a status.</summary>
    public static string Of(int status) => Prefix + status switch
    {
        StatusCodes.Status400BadRequest => "invalid-request",
        StatusCodes.Status401Unauthorized => "unauthenticated",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not-found",
        StatusCodes.Status405MethodNotAllowed => "method-not-allowed",
        StatusCodes.Status408RequestTimeout => "request-timeout",
        StatusCodes.Status409Conflict => "conflict",
        StatusCodes.Status411LengthRequired => "length-required",
        StatusCodes.Status413PayloadTooLarge => "too-large",
        StatusCodes.Status414UriTooLong => "uri-too-long",
        StatusCodes.Status415UnsupportedMediaType => "unsupported-media-type",
        StatusCodes.Status416RangeNotSatisfiable => "range-not-satisfiable",
        StatusCodes.Status421MisdirectedRequest => "wrong-host",
        StatusCodes.Status422UnprocessableEntity => "unacceptable-content",
        StatusCodes.Status429TooManyRequests => "too-many-requests",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "headers-too-large",
        StatusCodes.Status502BadGateway => "source-failed",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        StatusCodes.Status507InsufficientStorage => "out-of-space",
        >= 500 => "internal",
        _ => "refused",
    };
}
