using Sluice.Contracts;

namespace Sluice.Predictor.Inference;

/// <summary>Ends an inference request that cannot be answered; its message is for the caller.</summary>
internal sealed class InferenceException : Exception
{
    public InferenceException(FaultClass fault, string message, int? status = null, TimeSpan? retryAfter = null)
        : base(message)
    {
        Fault = fault;
        Status = status ?? fault.HttpStatus();
        RetryAfter = retryAfter;
    }

    public FaultClass Fault { get; }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>When it may be worth trying again.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The request is at fault: says which field, and what was expected.</summary>
    public static InferenceException Client(string message, int status = 400) => new(FaultClass.Client, message, status);

    /// <summary>The model failed on a well-formed request.</summary>
    public static InferenceException Model(string message) => new(FaultClass.Model, message);

    /// <summary>It cannot be answered here and now.</summary>
    public static InferenceException Capacity(string message) => new(FaultClass.Capacity, message, retryAfter: TimeSpan.FromSeconds(1));

    /// <summary>The time to answer is over.</summary>
    public static InferenceException Deadline(string message) => new(FaultClass.Deadline, message);
}
