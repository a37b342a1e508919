using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>ONNX Runtime's own surroundings, made once in a process and before anything else of it.</summary>
internal static class RuntimeEnvironment
{
    private static readonly Lock Making = new();

    /// <summary>Makes them, if that was not done.</summary>
    /// <remarks>
    /// The runtime writes to stderr on its own, a line for every failed request and for every library that it does not find; all of it is in the
    /// exceptions, which we tell of in our own way.
    /// </remarks>
    public static void Ensure()
    {
        lock (Making)
        {
            if (!OrtEnv.IsCreated)
            {
                var options = new EnvironmentCreationOptions { logId = "sluice", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                OrtEnv.CreateInstanceWithOptions(ref options);
            }
        }
    }
}
