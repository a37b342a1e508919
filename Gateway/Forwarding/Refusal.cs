using System.Globalization;
using Sluice.Contracts;
using Sluice.Gateway.Grpc;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Forwarding;

/// <summary>An answer of the gateway's own to a request that goes no further: whose fault, which status, and what a person should read.</summary>
internal sealed record Refusal(InferenceProtocol Protocol, FaultClass Fault, int Status, string Message) : IResult
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>When to come back; null where that does not help. A second, where the gateway or its replicas cannot now.</summary>
    public TimeSpan? RetryAfter { get; init; } = Fault == FaultClass.Capacity ? Soon : null;

    /// <summary>A model that is not in the table: because there is none, or because nothing is known yet.</summary>
    /// <param name="table">The table.</param>
    /// <param name="protocol">The caller's protocol.</param>
    /// <param name="model">The name as the caller wrote it.</param>
    /// <param name="inPath">Whether the path has the name; else the header or the settings do.</param>
    public static Refusal Unknown(RouteTable table, InferenceProtocol protocol, ReadOnlySpan<char> model, bool inPath = true)
    {
        if (!table.IsKnown)
        {
            return new(
                protocol,
                FaultClass.Capacity,
                FaultClass.Capacity.HttpStatus(),
                "The gateway knows no models yet: the Registry does not answer, and there is no last known good state.");
        }

        var name = model.ToString();
        return NotFound(protocol, ModelName.IsValid(name)
            ? $"There is no model '{name}'. GET {ApiPaths.Models} lists the models."
            : $"The {(!inPath ? $"header {SluiceHeaders.Model}" : protocol == InferenceProtocol.Grpc ? "call" : "path")} names no model: a name is {ModelName.Rule}.");
    }

    public static Refusal UnknownVersion(InferenceProtocol protocol, string model, int version) => NotFound(protocol, version > 0
        ? Invariant($"Model '{model}' has no version {version}. GET {ApiPaths.Models}/{model}/versions lists its versions.")
        : $"The {(protocol == InferenceProtocol.Grpc ? "call" : "path")} names no version of '{model}': a version is a whole number, counted from 1.");

    public static Refusal NoStableVersion(InferenceProtocol protocol, string model) => NotFound(
        protocol,
        $"Model '{model}' has no stable version. PUT {ApiPaths.Models}/{model}/serving sets one; a version in the path is asked for by number.");

    public static Refusal NotReady(InferenceProtocol protocol, string model, int version) => new(
        protocol,
        FaultClass.Capacity,
        FaultClass.Capacity.HttpStatus(),
        Invariant($"No replica has version {version} of model '{model}' ready. GET {ApiPaths.Replicas} tells where it stands."));

    public static Refusal WrongMethod(InferenceProtocol protocol) =>
        new(protocol, FaultClass.Client, StatusCodes.Status405MethodNotAllowed, "This path takes POST.");

    public static Refusal TooLarge(InferenceProtocol protocol, long limit) => new(
        protocol,
        FaultClass.Client,
        StatusCodes.Status413PayloadTooLarge,
        Invariant($"The body is larger than the {limit} bytes that are taken (Gateway:MaxRequestBodyBytes)."));

    public static Refusal Overloaded(InferenceProtocol protocol, int limit) => new(
        protocol,
        FaultClass.Capacity,
        FaultClass.Capacity.HttpStatus(),
        Invariant($"The gateway works on {limit} requests already (Gateway:MaxInFlight)."));

    public static Refusal BadTimeout(InferenceProtocol protocol) => new(
        protocol,
        FaultClass.Client,
        StatusCodes.Status400BadRequest,
        $"The header {SluiceHeaders.TimeoutMilliseconds} must be a whole number of milliseconds, at least 1.{(protocol == InferenceProtocol.Grpc
            ? $" The header {GrpcTimeout.Header} must be up to eight digits and one of H M S m u n." : "")}");

    public static Refusal BrokenRequest(InferenceProtocol protocol, int status) =>
        new(protocol, FaultClass.Client, status, status == StatusCodes.Status408RequestTimeout
            ? "The body of the request came too slowly (Gateway:MinBodyBytesPerSecond)."
            : "The body of the request could not be read to its end.");

    public static Refusal DeadlinePassed(InferenceProtocol protocol, TimeSpan timeout) => new(
        protocol,
        FaultClass.Deadline,
        FaultClass.Deadline.HttpStatus(),
        Invariant($"No answer within {timeout.TotalMilliseconds:0} ms."));

    public static Refusal BrokenUpstream(InferenceProtocol protocol) => new(
        protocol,
        FaultClass.Gateway,
        FaultClass.Gateway.HttpStatus(),
        "The connection to the replica failed before it answered. Inference is safe to ask again.");

    /// <summary>A path or method that no route takes.</summary>
    public static Refusal NotFound(InferenceProtocol protocol, string message) =>
        new(protocol, FaultClass.Client, StatusCodes.Status404NotFound, message);

    /// <summary>Writes it, in place of whatever was prepared; does nothing once an answer is on its way.</summary>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (response.HasStarted)
        {
            return Task.CompletedTask;
        }

        response.Clear();
        if (Protocol == InferenceProtocol.Grpc)
        {
            GrpcWire.Refuse(response, Fault, Fault.GrpcCode(Status), Message, RetryAfter);
            return Task.CompletedTask;
        }

        response.StatusCode = Status;
        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (Status == StatusCodes.Status405MethodNotAllowed)
        {
            response.Headers.Allow = HttpMethods.Post;
        }

        return WriteBodyAsync(response);
    }

    /// <summary>Writes the body and what describes it, and leaves the status and the other headers as they are.</summary>
    public Task WriteBodyAsync(HttpResponse response)
    {
        var body = InferenceError.Body(Protocol, Status, Message);
        response.Headers[SluiceHeaders.Fault] = Fault.Label();
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, 0, body.Length);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
