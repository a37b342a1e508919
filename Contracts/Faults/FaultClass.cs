namespace Sluice.Contracts;

/// <summary>
/// How an inference request ended, and whose fault it was. The one enum that HTTP status, gRPC code, error body and metric label derive from
/// (<see cref="FaultClasses"/>).
/// </summary>
/// <remarks>
/// <see cref="Model"/>, <see cref="Capacity"/>, <see cref="Deadline"/> and <see cref="Gateway"/> count against a canary;
/// <see cref="Client"/> is watched separately; <see cref="Cancelled"/> counts for nobody.
/// </remarks>
public enum FaultClass
{
    /// <summary>Answered.</summary>
    Ok,

    /// <summary>The request was malformed, named something unknown, or was not allowed.</summary>
    Client,

    /// <summary>The caller left before the answer.</summary>
    Cancelled,

    /// <summary>The model failed on a well-formed request.</summary>
    Model,

    /// <summary>No replica was ready, or a queue was full.</summary>
    Capacity,

    /// <summary>The deadline passed before the answer.</summary>
    Deadline,

    /// <summary>The connection to a replica failed, or its answer was broken.</summary>
    Gateway,
}
