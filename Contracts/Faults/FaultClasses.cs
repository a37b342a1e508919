namespace Sluice.Contracts;

/// <summary>The only mapping of <see cref="FaultClass"/> to the wires.</summary>
public static class FaultClasses
{
    private static readonly FaultClass[] Classes = Enum.GetValues<FaultClass>();

    /// <summary>Every fault class, in order: the label values a route's counters start with.</summary>
    public static IReadOnlyList<FaultClass> All => Classes;

    /// <summary>The metric label and the value of the header <see cref="SluiceHeaders.Fault"/>.</summary>
    public static string Label(this FaultClass fault) => fault switch
    {
        FaultClass.Ok => "ok",
        FaultClass.Client => "client",
        FaultClass.Cancelled => "cancelled",
        FaultClass.Model => "model",
        FaultClass.Capacity => "capacity",
        FaultClass.Deadline => "deadline",
        FaultClass.Gateway => "gateway",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    /// <summary>The HTTP status. A client's fault may be answered with a more precise 4xx than this 400.</summary>
    public static int HttpStatus(this FaultClass fault) => fault switch
    {
        FaultClass.Ok => 200,
        FaultClass.Client => 400,
        FaultClass.Cancelled => 499,
        FaultClass.Model => 500,
        FaultClass.Capacity => 503,
        FaultClass.Deadline => 504,
        FaultClass.Gateway => 502,
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    /// <summary>The code of <c>google.rpc.Status</c>: OK, INVALID_ARGUMENT, CANCELLED, INTERNAL, UNAVAILABLE (which clients retry), DEADLINE_EXCEEDED.</summary>
    public static int GrpcCode(this FaultClass fault) => fault switch
    {
        FaultClass.Ok => 0,
        FaultClass.Client => 3,
        FaultClass.Cancelled => 1,
        FaultClass.Model => 13,
        FaultClass.Capacity => 14,
        FaultClass.Deadline => 4,
        FaultClass.Gateway => 14,
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    /// <summary>The code of an answer that has an HTTP status, too: some statuses are more precise than their class, and so are their codes.</summary>
    /// <param name="fault">Whose fault it was.</param>
    /// <param name="status">The HTTP status that goes with it.</param>
    public static int GrpcCode(this FaultClass fault, int status) => status switch
    {
        401 => 16, // UNAUTHENTICATED
        403 => 7, // PERMISSION_DENIED
        404 => 5, // NOT_FOUND
        405 => 12, // UNIMPLEMENTED
        413 or 429 => 8, // RESOURCE_EXHAUSTED
        _ => fault.GrpcCode(),
    };

    /// <summary>
    /// Reads the outcome of an upstream's answer: its own word (<see cref="SluiceHeaders.Fault"/>) where it gave one, else the status.
    /// </summary>
    /// <param name="status">The HTTP status of the answer.</param>
    /// <param name="label">The header's value, if any.</param>
    public static FaultClass FromAnswer(int status, string? label) => FromLabel(label) ?? status switch
    {
        < 400 => FaultClass.Ok,
        499 => FaultClass.Cancelled,
        < 500 => FaultClass.Client,
        502 => FaultClass.Gateway,
        503 => FaultClass.Capacity,
        504 => FaultClass.Deadline,
        _ => FaultClass.Model,
    };

    /// <summary>Reads the outcome of an upstream's gRPC answer: OK is OK, else its own word counts where it gave one, else the code.</summary>
    /// <param name="code">The <c>grpc-status</c> of the answer.</param>
    /// <param name="label">The value of <see cref="SluiceHeaders.Fault"/> in headers or trailers, if any.</param>
    public static FaultClass FromGrpcAnswer(int code, string? label) => code == 0 ? FaultClass.Ok : FromLabel(label) ?? code switch
    {
        1 => FaultClass.Cancelled,
        4 => FaultClass.Deadline,
        14 => FaultClass.Capacity,
        2 or 10 or 13 or 15 => FaultClass.Model, // UNKNOWN, ABORTED, INTERNAL, DATA_LOSS
        > 0 and <= 16 => FaultClass.Client,
        _ => FaultClass.Model,
    };

    private static FaultClass? FromLabel(string? label)
    {
        foreach (var fault in Classes)
        {
            if (string.Equals(fault.Label(), label, StringComparison.Ordinal))
            {
                return fault;
            }
        }

        return null;
    }
}
