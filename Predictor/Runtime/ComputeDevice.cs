using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Sluice.Predictor.Runtime;

/// <summary>What models run on in this process, and why.</summary>
internal sealed class ComputeDevice
{
    private readonly int _intraOpThreads;

    private ComputeDevice(string name, string reason, int intraOpThreads)
    {
        Name = name;
        Reason = reason;
        _intraOpThreads = intraOpThreads;
    }

    /// <summary><c>cpu</c> for now.</summary>
    public string Name { get; }

    /// <summary>One sentence for the log.</summary>
    public string Reason { get; }

    /// <summary>Chooses by the settings.</summary>
    public static ComputeDevice Choose(PredictorOptions options) => new(
        "cpu",
        options.Provider == PredictorOptions.Cpu
            ? "CUDA is not asked for (Predictor:Provider is cpu)."
            : "CUDA is not supported by this version of the predictor (Predictor:Provider is auto).",
        options.IntraOpThreads);

    /// <summary>Session options for a model on this device. The caller disposes them.</summary>
    /// <remarks>
    /// One thread a run by default: requests are rows, not epochs. A row of a small model is done in microseconds, less than handing work to other
    /// threads takes, and with as many requests at once as there are cores the cores are busy without it. More threads a run pay for large models
    /// with few callers (<see cref="PredictorOptions.IntraOpThreads"/>); they do not spin, since spinning burns the time of the other requests.
    /// </remarks>
    public SessionOptions CreateSessionOptions()
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = _intraOpThreads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }
}
