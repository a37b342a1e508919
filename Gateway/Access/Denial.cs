using Sluice.Contracts;
using Sluice.Gateway.Forwarding;

namespace Sluice.Gateway.Access;

/// <summary>Why a caller is not let in, in no protocol's form yet: gRPC says it by its own codes.</summary>
/// <param name="Status">401: not known; 403: not allowed; 429: too fast.</param>
/// <param name="Reason">A word for the metric; a constant of the code.</param>
/// <param name="Message">What a person should read; never the credential.</param>
/// <param name="RetryAfter">When to come back, with 429.</param>
internal sealed record Denial(int Status, string Reason, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>The metric's word for a credential that is missing or not accepted.</summary>
    public const string Credential = "credential";

    /// <summary>The metric's word for a key that is good, but not for this.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>The metric's word for a key that is used too fast.</summary>
    public const string Rate = "rate";

    private const string Expected = "Authorization: expected 'Bearer' and an API key (slk_…) with the scope infer, or a token of the model";

    /// <summary>There is no credential, or nothing that could be one.</summary>
    public static Denial Missing { get; } = new(StatusCodes.Status401Unauthorized, Credential, $"{Expected}.");

    /// <summary>The key is not for inference.</summary>
    public static Denial NotForInference { get; } =
        new(StatusCodes.Status403Forbidden, Forbidden, "Authorization: the key does not have the scope infer.");

    /// <summary>There is a credential, and it is not accepted.</summary>
    /// <param name="reason">Why, in words.</param>
    public static Denial NotAccepted(string reason) => new(StatusCodes.Status401Unauthorized, Credential, $"{Expected}; what came is not accepted: {reason}.");

    /// <summary>The key is for another model.</summary>
    /// <param name="own">The model it is for.</param>
    public static Denial OtherModel(string own) => new(StatusCodes.Status403Forbidden, Forbidden, $"Authorization: the key or token is for the model '{own}' only.");

    /// <summary>The key is used too fast.</summary>
    /// <param name="wait">When the next request would be let through.</param>
    public static Denial TooFast(TimeSpan wait) => new(
        StatusCodes.Status429TooManyRequests, Rate, "The key's rate limit is reached; the header Retry-After says when to come back.", wait);

    /// <summary>In the form of a protocol.</summary>
    public Refusal In(InferenceProtocol protocol) => new(protocol, FaultClass.Client, Status, Message) { RetryAfter = RetryAfter };
}
